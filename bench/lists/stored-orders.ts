/** The stored orders: one every 100 ms until now, of one owner, each with its own clientOrderId. The newest are open. */
import { orderIdOf } from '../../src/orders/submission/order-id.ts';

export interface StoredNames {
  readonly orderId: string;
  readonly clientOrderId: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export const OWNER = 'local';
export const OPEN_ORDERS = 1_000;

const NEWEST_AT = Date.now();
const EVERY_MS = 100;

/** @param index from 0, the oldest */
export function namesOf(index: number, stored: number): StoredNames {
  return {
    orderId: orderIdOf(OWNER, `stored order ${index}`),
    clientOrderId: `order-${index}`,
    createdAt: NEWEST_AT - (stored - index) * EVERY_MS,
  };
}

/** Whether the order has not ended. */
export function isOpen(index: number, stored: number): boolean {
  return index >= stored - OPEN_ORDERS;
}
