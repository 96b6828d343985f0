/** Which orders are stored: one a tenth of a second, of one owner, each with a name of its own; the newest are open. */
import { orderIdOf } from '../../src/orders/order-id.ts';

export interface StoredNames {
  readonly orderId: string;
  readonly clientOrderId: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export const OWNER = 'local';
export const OPEN_ORDERS = 1_000;

const FIRST_AT = Date.parse('2026-01-01T00:00:00Z');
const EVERY_MS = 100;

/** @param index from 0, the oldest */
export function namesOf(index: number): StoredNames {
  return {
    orderId: orderIdOf(OWNER, `stored order ${index}`),
    clientOrderId: `order-${index}`,
    createdAt: FIRST_AT + index * EVERY_MS,
  };
}

/** Whether it has not ended. */
export function isOpen(index: number, stored: number): boolean {
  return index >= stored - OPEN_ORDERS;
}
