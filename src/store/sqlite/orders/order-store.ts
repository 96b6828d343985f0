import type { OrderStore } from '../../ports.ts';
import type { Connection } from '../connection.ts';
import { prepareCommit } from './commit.ts';
import { prepareCounts } from './counts.ts';
import { prepareCreate } from './create.ts';
import { prepareList } from './list.ts';
import { prepareLoad } from './load.ts';

/** Served from an index that holds open orders only: the ended ones cost nothing. */
export const COUNT_OPEN_SQL = 'SELECT count(*) FROM orders INDEXED BY orders_open WHERE ended_at IS NULL';

export function openOrderStore(connection: Connection): OrderStore {
  const countOpen = connection.db.prepare<[], number>(COUNT_OPEN_SQL).pluck();

  return {
    create: prepareCreate(connection),
    load: prepareLoad(connection),
    commit: prepareCommit(connection),
    list: prepareList(connection),
    counts: prepareCounts(connection),
    countOpen: () => connection.read(() => countOpen.get() ?? 0),
  };
}
