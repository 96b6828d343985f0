import type { StateValue } from 'xstate';

/** The status of an order as users see it: its outermost state. */
export const ORDER_STATUSES = [
  'pending',
  'routing',
  'building',
  'submitted',
  'confirmed',
  'failed',
  'cancelled',
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

const FINAL: ReadonlySet<OrderStatus> = new Set(['confirmed', 'failed', 'cancelled']);

export function isFinal(status: OrderStatus): boolean {
  return FINAL.has(status);
}

/** `{routing: 'quoting'}` as `routing.quoting`. */
export function statePath(value: StateValue): string {
  if (typeof value === 'string') return value;
  const [parent, child] = Object.entries(value)[0] ?? ['', undefined];
  return child === undefined ? parent : `${parent}.${statePath(child)}`;
}

/** @throws TypeError when the path does not begin with an order status */
export function statusOf(path: string): OrderStatus {
  const head = path.split('.', 1)[0];
  const status = ORDER_STATUSES.find((known) => known === head);
  if (status === undefined) {
    throw new TypeError(
      `"${path}" is not a state of an order: expected it to begin with one of ${ORDER_STATUSES.join(', ')}`,
    );
  }
  return status;
}
