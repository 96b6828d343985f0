/**
 * What an order is: its terms, what is learnt on the way, and the events that move it.
 * Everything here is plain JSON: it is stored, journaled and replayed. Amounts are decimal strings of base units.
 */

/** What the user asked for. Never changes once accepted. */
export interface OrderTerms {
  readonly orderId: string;
  readonly owner: string;
  /** Symbol of the token list, or address. */
  readonly sellToken: string;
  readonly buyToken: string;
  readonly sellAmount: string;
  /** Least acceptable amount; null: derived from the chosen quote and `slippageBps`. */
  readonly minBuyAmount: string | null;
  readonly slippageBps: number;
  /** Unix seconds; the chain's block time decides. */
  readonly validTo: number;
  readonly recipient: string | null;
  readonly clientOrderId: string | null;
}

/** A venue's answer. `gasCost` is in base units of the buy token, so that offers can be compared. */
export interface Quote {
  readonly venue: string;
  readonly buyAmount: string;
  /** '0' where `gasPriced` is false. */
  readonly gasCost: string;
  /** False: nothing says what gas is worth in the buy token, and `gasCost` is no statement. */
  readonly gasPriced: boolean;
  /** The block at whose end the price was read; null: no chain was asked. */
  readonly block: string | null;
}

/** A venue that gave no quote, and why. */
export interface Refusal {
  readonly venue: string;
  readonly code: string;
  readonly message: string;
}

/** The chosen quote, the amount it must at least yield, and why it was chosen. */
export interface Route {
  readonly venue: string;
  readonly buyAmount: string;
  readonly minBuyAmount: string;
  readonly why: string;
}

/** A call that swaps when signed and sent. `value` in wei, `deadline` in Unix seconds. */
export interface UnsignedSwap {
  readonly venue: string;
  readonly to: string;
  readonly data: string;
  readonly value: string;
  readonly gasLimit: string;
  readonly minBuyAmount: string;
  readonly deadline: number;
  /** The allowance that the signer must have given before the call is sent; null: it needs none. */
  readonly spends: Allowance | null;
}

/** `spender` may take `amount` base units of `token`; both are addresses. */
export interface Allowance {
  readonly token: string;
  readonly spender: string;
  readonly amount: string;
}

/**
 * One signed transaction of an order. All transactions of one epoch share a nonce, so that at most one of them
 * executes. The signed bytes are the submitter's: they are in no snapshot and no journal, where a reader could send them.
 */
export interface TransactionRef {
  readonly hash: string;
  readonly signer: string;
  readonly nonce: number;
  readonly epoch: number;
}

/** What a swap really moved, read from the chain. */
export interface Fill {
  readonly hash: string;
  readonly block: number;
  readonly executedSellAmount: string;
  readonly executedBuyAmount: string;
}

/**
 * What to do about a failed effect:
 * - `retry`: the same again, counted against the stage's budget
 * - `wait`: the same again, not counted; the order shows what it waits for
 * - `reroute`: this route is no good, ask the venues again, counted against the order's re-routes
 * - `replace`: this nonce reservation is lost, take another
 * - `fail`: nothing will help
 */
export type FailureKind = 'retry' | 'wait' | 'reroute' | 'replace' | 'fail';

export interface Failure {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
}

/** Why an order ended without a fill. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

export type Stage = 'routing' | 'building' | 'submitted';

/** The effects that states invoke, and what goes in and comes out. The worker provides them. */
export interface Effects {
  quote: {
    /** `asking`: which time the order asks this, from 1. */
    input: { terms: OrderTerms; asking: number };
    output: { quotes: readonly Quote[]; refusals: readonly Refusal[] };
  };
  selectRoute: {
    input: { terms: OrderTerms; quotes: readonly Quote[] };
    output: { route: Route };
  };
  assemble: {
    input: { terms: OrderTerms; route: Route; asking: number };
    output: { swap: UnsignedSwap; signer: string };
  };
  sign: {
    input: { terms: OrderTerms; swap: UnsignedSwap; signer: string; epoch: number };
    output: { transaction: TransactionRef };
  };
  broadcast: { input: SentInput; output: Record<string, never> };
  mine: { input: SentInput; output: MiningOutcome };
  confirm: { input: SentInput; output: ConfirmationOutcome };
  cancel: { input: SentInput; output: CancelOutcome };
}

export type EffectName = keyof Effects;

/** What the submitter needs to find an order's reservation and every transaction that was ever signed for it. */
export interface SentInput {
  readonly terms: OrderTerms;
  readonly venue: string;
  readonly signer: string;
  readonly epoch: number;
  readonly transactions: readonly TransactionRef[];
}

export type MiningOutcome =
  | { readonly outcome: 'included'; readonly hash: string; readonly block: number }
  | { readonly outcome: 'reverted'; readonly hash: string; readonly failure: Failure }
  | { readonly outcome: 'dropped' };

export type ConfirmationOutcome =
  { readonly outcome: 'filled'; readonly fill: Fill } | { readonly outcome: 'reorganised' };

/** How the contested nonce was closed. `unfilled`: by the replacement, or by a swap that reverted. */
export type CancelOutcome =
  { readonly outcome: 'unfilled' } | { readonly outcome: 'filled'; readonly fill: Fill };

/** Bounds on every wait. Times in milliseconds; `attempts` counts the first one. */
export interface RetryPolicy {
  readonly attempts: Readonly<Record<Stage, number>>;
  readonly reroutes: number;
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  readonly timeoutMs: Readonly<Record<EffectName, number>>;
}

export interface OrderInput {
  readonly terms: OrderTerms;
  readonly policy: RetryPolicy;
  /** Unix milliseconds of acceptance. */
  readonly at: number;
}

/** All that an order remembers. Times are Unix milliseconds. */
export interface OrderContext {
  readonly terms: OrderTerms;
  readonly policy: RetryPolicy;
  /** Which attempt at the present stage runs, or failed last; counted from 1. */
  readonly attempt: number;
  /** How often in a row the stage merely waited. Absent in the first orders of 0.1.0. */
  readonly waits?: number;
  readonly reroutes: number;
  /** How often each effect was begun, re-routes and waits included: tells one asking from the next. */
  readonly begun: Readonly<Record<EffectName, number>>;
  /** When the present state gives up. */
  readonly deadline: number;
  /** When the present backoff ends; null outside of one. */
  readonly retryAt: number | null;
  readonly delayMs: number;
  readonly quotes: readonly Quote[];
  readonly refusals: readonly Refusal[];
  readonly route: Route | null;
  /**
   * The least that the order may yield, in base units: `terms.minBuyAmount`, or what the first route and `slippageBps` gave. Later
   * routes do not lower it. Absent before the first route, and in orders of 0.1.
   */
  readonly minBuyAmount?: string;
  readonly swap: UnsignedSwap | null;
  readonly signer: string | null;
  /** Which attempt at a nonce reservation; a new one begins only when the one before is provably closed. */
  readonly epoch: number;
  readonly transactions: readonly TransactionRef[];
  /** What went wrong last, until a stage succeeds. */
  readonly failure: Failure | null;
  /** How the order ends if the contested nonce turns out unfilled. Set on the way into `submitted.cancelling`. */
  readonly ending: { readonly status: 'cancelled' | 'failed'; readonly reason: Reason } | null;
  readonly reason: Reason | null;
  readonly fill: Fill | null;
  /** Progress (0-100) of the last state that worked; kept when the order fails. */
  readonly progress: number;
}

/** When an event was taken (Unix milliseconds) and its draw from [0, 1). The machine has no clock and no dice. */
export interface Stamp {
  readonly at: number;
  readonly draw: number;
}

type EffectDone = {
  [Name in EffectName]: {
    readonly type: `xstate.done.actor.${Name}`;
    readonly output: Effects[Name]['output'];
  };
}[EffectName];

interface EffectFailed {
  readonly type: `xstate.error.actor.${EffectName}`;
  readonly error: unknown;
}

/** A command from outside, as it lies in the inbox. */
export type Command = { readonly type: 'CANCEL'; readonly commandId: string };

/** What an effect tells its order while it still runs. */
export type Report =
  /** The fee was raised: one more transaction on the same nonce. */
  | { readonly type: 'REPLACED'; readonly transaction: TransactionRef }
  /** The chain has not answered; this is what is waited for. */
  | { readonly type: 'WAITING'; readonly failure: Failure };

export type OrderEvent = Partial<Stamp> &
  ({ readonly type: 'START' } | { readonly type: 'RESUME' } | Command | Report | EffectDone | EffectFailed);

export interface StateMeta {
  readonly progress: number;
  /** For people: what happens in this state. */
  readonly message: string;
}
