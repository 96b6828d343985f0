import type { PassCrashPoint } from '../../../crash-points.ts';
import type { OrderStore } from '../../ports.ts';
import type { Database } from '../database.ts';
import { prepareCommit } from './commit.ts';
import { prepareCounts } from './counts.ts';
import { prepareCreate } from './create.ts';
import { TermsFill } from './fill-terms.ts';
import { prepareList } from './list.ts';
import { prepareLoad } from './load.ts';

export function openOrderStore(database: Database, passCrashPoint: PassCrashPoint): OrderStore {
  const { orders } = database;
  const load = prepareLoad(database);
  const fill = new TermsFill(database);

  return {
    create: prepareCreate(database, load),
    load,
    commit: prepareCommit(database, passCrashPoint),
    list: prepareList(database, fill),
    counts: prepareCounts(database, fill),
    countOpen: () => database.run(() => orders.countDocuments({ open: true })),
  };
}
