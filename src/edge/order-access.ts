/** Which orders an owner may see: REST and all streams load orders here and nowhere else. */
import { orderNotFound } from '../errors.ts';
import type { OrderStore, StoredOrder } from '../store/ports.ts';

export interface OrderAccess {
  /**
   * An order of this owner.
   * @throws FillstreamError order_not_found, for another owner's order exactly as for an unknown one: with the same text, and after
   * the same time
   * @throws StoreUnavailable
   */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
}

/**
 * When "there is no such order" is answered, from when it was asked for. The store takes longer to load an order than to find none,
 * and the difference would tell which ids exist. It is far more than either takes.
 */
const NOT_FOUND_AFTER_MS = 10;

export function orderAccess(store: Pick<OrderStore, 'load'>): OrderAccess {
  return {
    load: async (owner, orderId) => {
      const timer = startTimer(NOT_FOUND_AFTER_MS);
      try {
        const order = await store.load(orderId);
        if (order?.owner === owner) return order;
        await timer.passed;
        throw orderNotFound(orderId);
      } finally {
        timer.stop();
      }
    },
  };
}

/** It runs from before the load, so that how long the load takes moves nothing. */
function startTimer(ms: number): { readonly passed: Promise<void>; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return { passed, stop: () => clearTimeout(timer) };
}
