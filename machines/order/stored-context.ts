/**
 * The context as it is stored: flat, as every release since 0.1 has written it, so that releases run beside one another.
 *
 * The live context has the same fields in groups, because XState copies it by `Object.assign({}, …)` at each assignment, and V8 gives an
 * object that is filled so at most 19 fast properties: with 20 a copy takes ten times as long (9.5 instead of 0.8 µs, Node 20.19), and
 * an order makes some thirty. For the same reason both directions name each field: by `...rest` a context took 24 µs, and became an
 * object that was slow to stringify.
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

const GROUPS: ReadonlySet<string> = new Set<Group>(['effects', 'backoff', 'offers', 'built']);

const GROUPED: ReadonlySet<string> = new Set<Exclude<keyof StoredOrderContext, keyof OrderContext>>([
  'begun',
  'deadline',
  'retryAt',
  'delayMs',
  'quotes',
  'refusals',
  'swap',
  'signer',
]);

export function toStoredContext(live: OrderContext): StoredOrderContext {
  const { effects, backoff, offers, built } = live;
  const stored: StoredOrderContext = {
    terms: live.terms,
    policy: live.policy,
    attempt: live.attempt,
    reroutes: live.reroutes,
    begun: effects.begun,
    deadline: effects.deadline,
    retryAt: backoff.retryAt,
    delayMs: backoff.delayMs,
    quotes: offers.quotes,
    refusals: offers.refusals,
    route: live.route,
    swap: built.swap,
    signer: built.signer,
    epoch: live.epoch,
    transactions: live.transactions,
    failure: live.failure,
    ending: live.ending,
    reason: live.reason,
    fill: live.fill,
    progress: live.progress,
  };
  return withRest(stored, live, GROUPS);
}

export function toLiveContext(stored: StoredOrderContext): OrderContext {
  const live: OrderContext = {
    terms: stored.terms,
    policy: stored.policy,
    attempt: stored.attempt,
    reroutes: stored.reroutes,
    effects: { begun: stored.begun, deadline: stored.deadline },
    backoff: { retryAt: stored.retryAt, delayMs: stored.delayMs },
    offers: { quotes: stored.quotes, refusals: stored.refusals },
    route: stored.route,
    built: { swap: stored.swap, signer: stored.signer },
    epoch: stored.epoch,
    transactions: stored.transactions,
    failure: stored.failure,
    ending: stored.ending,
    reason: stored.reason,
    fill: stored.fill,
    progress: stored.progress,
  };
  return withRest(live, stored, GROUPED);
}

/** Adds what may be absent, and the fields of a newer release that runs beside this one: they stay with the order. */
function withRest<Context extends object>(
  context: Context,
  from: object,
  except: ReadonlySet<string>,
): Context {
  const rest: Record<string, unknown> = {};
  for (const field in from) {
    if (!(field in context) && !except.has(field)) rest[field] = Reflect.get(from, field);
  }
  return Object.assign(context, rest);
}
