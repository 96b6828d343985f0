/**
 * The context as it is stored: flat, as every release since 0.1 has written it, so that releases run beside one another.
 *
 * The live context has the same fields in groups, because XState copies it by `Object.assign({}, …)` at each assignment, and V8 gives an
 * object that is filled so at most 19 fast properties: with 20 a copy takes ten times as long (9.5 instead of 0.8 µs, Node 20.19), and
 * an order makes some thirty.
 */
import type { OrderContext } from './types.ts';

/** The most fields that a live context may have. */
export const MOST_FIELDS = 19;

type Group = 'effects' | 'backoff' | 'offers' | 'built';

export type StoredOrderContext = Omit<OrderContext, Group> &
  OrderContext['effects'] &
  OrderContext['backoff'] &
  OrderContext['offers'] &
  OrderContext['built'];

export function toStoredContext({
  effects,
  backoff,
  offers,
  built,
  ...single
}: OrderContext): StoredOrderContext {
  return { ...single, ...effects, ...backoff, ...offers, ...built };
}

export function toLiveContext({
  begun,
  deadline,
  retryAt,
  delayMs,
  quotes,
  refusals,
  swap,
  signer,
  ...single
}: StoredOrderContext): OrderContext {
  return {
    ...single,
    effects: { begun, deadline },
    backoff: { retryAt, delayMs },
    offers: { quotes, refusals },
    built: { swap, signer },
  };
}
