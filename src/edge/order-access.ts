/**
 * The one place that decides on whose behalf a request acts, and which orders that owner may see. REST and all streams
 * ask it. There are no identities yet: every request acts for the owner `local`.
 */
import type { IncomingMessage } from 'node:http';
import { orderNotFound } from '../errors.ts';
import type { OrderStore, StoredOrder } from '../store/ports.ts';

const LOCAL_OWNER = 'local';

export interface OrderAccess {
  /** The owner on whose behalf the request acts; of a stream, the request that opened it. */
  readonly ownerOf: (req: IncomingMessage) => string;
  /**
   * An order of this owner.
   * @throws FillstreamError order_not_found, for another owner's order exactly as for an unknown one
   * @throws StoreUnavailable
   */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
}

export function orderAccess(store: Pick<OrderStore, 'load'>): OrderAccess {
  return {
    ownerOf: () => LOCAL_OWNER,
    load: async (owner, orderId) => {
      const order = await store.load(orderId);
      if (order?.owner !== owner) throw orderNotFound(orderId);
      return order;
    },
  };
}
