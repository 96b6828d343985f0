import type { PassCrashPoint } from '../../../crash-points.ts';
import type { OrderStore } from '../../ports.ts';
import type { Database } from '../database.ts';
import { prepareCommit } from './commit.ts';
import { prepareCreate } from './create.ts';
import { prepareList } from './list.ts';
import { prepareLoad } from './load.ts';

export function openOrderStore(database: Database, passCrashPoint: PassCrashPoint): OrderStore {
  const { orders } = database;
  const load = prepareLoad(database);

  return {
    create: prepareCreate(database, load),
    load,
    commit: prepareCommit(database, passCrashPoint),
    list: prepareList(database),
    countOpen: () => database.run(() => orders.countDocuments({ open: true })),
  };
}
