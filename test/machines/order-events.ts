/** An order's input, and one event of each kind that it can get. Times are milliseconds; the order is accepted at 0. */
import { DEFAULT_RETRY_POLICY } from '../../machines/order/retry-policy.ts';
import type {
  EffectName,
  FailureKind,
  OrderEvent,
  OrderInput,
  OrderTerms,
  RetryPolicy,
} from '../../machines/order/types.ts';

export const VALID_TO_S = 600;

export function anOrderInput(
  over: { terms?: Partial<OrderTerms>; policy?: Partial<RetryPolicy> } = {},
): OrderInput {
  return {
    at: 0,
    terms: {
      orderId: 'a'.repeat(32),
      owner: 'local',
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: '1000000000000000000',
      minBuyAmount: null,
      slippageBps: 50,
      validTo: VALID_TO_S,
      recipient: null,
      clientOrderId: null,
      ...over.terms,
    },
    policy: {
      ...DEFAULT_RETRY_POLICY,
      attempts: { routing: 2, building: 2, submitted: 2 },
      reroutes: 1,
      ...over.policy,
    },
  };
}

export const quote = { venue: 'A', buyAmount: '2000', gasCost: '5', gasPriced: true, block: null };
const route = { venue: 'A', buyAmount: '2000', minBuyAmount: '1990', why: 'the only quote' };
const swap = {
  venue: 'A',
  to: '0xA',
  data: '0x',
  value: '0',
  gasLimit: '1',
  minBuyAmount: '1990',
  deadline: VALID_TO_S,
  spends: null,
};
const transaction = { hash: '0x1', signer: 's', nonce: 0, epoch: 1 };
const fill = { hash: '0x1', block: 7, executedSellAmount: '1000000000000000000', executedBuyAmount: '1999' };

const EFFECTS: readonly EffectName[] = [
  'quote',
  'selectRoute',
  'assemble',
  'sign',
  'broadcast',
  'mine',
  'confirm',
  'cancel',
];

const KINDS: readonly FailureKind[] = ['retry', 'wait', 'reroute', 'replace', 'fail'];

const stamp = { at: 1_000, draw: 0.5 };
const late = { at: VALID_TO_S * 1_000 + 1, draw: 0.5 };

/** The outputs of each effect, one for each branch. */
export const done = {
  quote: { type: 'xstate.done.actor.quote', output: { quotes: [quote], refusals: [] } },
  selectRoute: { type: 'xstate.done.actor.selectRoute', output: { route } },
  assemble: { type: 'xstate.done.actor.assemble', output: { swap, signer: 's' } },
  sign: { type: 'xstate.done.actor.sign', output: { transaction } },
  broadcast: { type: 'xstate.done.actor.broadcast', output: {} },
  included: { type: 'xstate.done.actor.mine', output: { outcome: 'included', hash: '0x1', block: 7 } },
  dropped: { type: 'xstate.done.actor.mine', output: { outcome: 'dropped' } },
  reverted: {
    type: 'xstate.done.actor.mine',
    output: {
      outcome: 'reverted',
      hash: '0x1',
      failure: { kind: 'reroute', code: 'slippage', message: 'moved' },
    },
  },
  revertedForGood: {
    type: 'xstate.done.actor.mine',
    output: { outcome: 'reverted', hash: '0x1', failure: { kind: 'fail', code: 'broken', message: 'never' } },
  },
  filled: { type: 'xstate.done.actor.confirm', output: { outcome: 'filled', fill } },
  reorganised: { type: 'xstate.done.actor.confirm', output: { outcome: 'reorganised' } },
  cancelFilled: { type: 'xstate.done.actor.cancel', output: { outcome: 'filled', fill } },
  cancelUnfilled: { type: 'xstate.done.actor.cancel', output: { outcome: 'unfilled' } },
} as const satisfies Record<string, OrderEvent>;

export function failed(effect: EffectName, kind: FailureKind, code = 'venue_timeout'): OrderEvent {
  return { type: `xstate.error.actor.${effect}`, error: { kind, code, message: `${effect} said ${kind}` } };
}

const commands: readonly OrderEvent[] = [
  { type: 'START' },
  { type: 'RESUME' },
  { type: 'CANCEL', commandId: 'c1' },
  { type: 'RETRY_NOW', commandId: 'r1', retryAt: 0 },
  { type: 'REPLACED', transaction: { ...transaction, hash: '0x2' } },
  { type: 'WAITING', failure: { kind: 'wait', code: 'rpc_away', message: 'The RPC does not answer' } },
];

const failures = EFFECTS.flatMap((effect) => KINDS.map((kind) => failed(effect, kind)));

/** The event that XState raises when a delay of that state ends. */
export function timedOut(state: string, delay: 'untilDeadline' | 'untilRetry'): OrderEvent {
  return { type: `xstate.after.${delay}.order@1.${state}` } as unknown as OrderEvent;
}

const WORKING = [
  'routing.quoting',
  'routing.selecting',
  'building.assembling',
  'building.signing',
  'submitted.broadcasting',
  'submitted.mining',
  'submitted.confirming',
  'submitted.cancelling',
];

const timeouts = [
  timedOut('pending', 'untilDeadline'),
  ...WORKING.map((state) => timedOut(state, 'untilDeadline')),
  ...['routing', 'building', 'submitted'].map((stage) => timedOut(`${stage}.backoff`, 'untilRetry')),
];

/** Every event, once before validTo and once after it. */
export const ALL_EVENTS: readonly OrderEvent[] = [
  ...commands,
  ...Object.values(done),
  ...failures,
  ...timeouts,
].flatMap((event) => [
  { ...event, ...stamp },
  { ...event, ...late },
]);
