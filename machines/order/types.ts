/**
 * An order: its terms, what it learns while it runs, and the events that move it.
 * All of these are plain JSON: they are stored, journaled and replayed. Amounts are base units as decimal strings.
 */

/** What the user asked for. Immutable after acceptance. */
export interface OrderTerms {
  readonly orderId: string;
  readonly owner: string;
  /** A symbol of the token list, or an address. */
  readonly sellToken: string;
  readonly buyToken: string;
  readonly sellAmount: string;
  /** The smallest acceptable amount. Null: derived from the chosen quote and `slippageBps`. */
  readonly minBuyAmount: string | null;
  readonly slippageBps: number;
  /** Unix seconds, compared with the chain's block time. */
  readonly validTo: number;
  readonly recipient: string | null;
  readonly clientOrderId: string | null;
}

/** A venue's quote: what reaches the recipient. `gasCost` is in base units of the buy token, so that quotes can be compared. */
export interface Quote {
  readonly venue: string;
  readonly buyAmount: string;
  /** '0' where `gasPriced` is false. */
  readonly gasCost: string;
  /** False: the price of gas in the buy token is unknown, and `gasCost` means nothing. */
  readonly gasPriced: boolean;
  /** The block after which the price was read. Null: the price does not come from a chain. */
  readonly block: string | null;
  /** The node cannot simulate what arrives: what the tokens of the pair may keep of a transfer is not taken off `buyAmount`. */
  readonly beforeTransferFees?: true;
}

/** A venue that gave no quote, and why. */
export interface Refusal {
  readonly venue: string;
  readonly code: string;
  readonly message: string;
}

/** The chosen quote, the smallest amount that it must yield, and why it was chosen. */
export interface Route {
  readonly venue: string;
  readonly buyAmount: string;
  readonly minBuyAmount: string;
  readonly why: string;
}

/** The call of a swap, to be signed and sent. `value` in wei, `deadline` in Unix seconds. */
export interface UnsignedSwap {
  readonly venue: string;
  readonly to: string;
  readonly data: string;
  readonly value: string;
  readonly gasLimit: string;
  readonly minBuyAmount: string;
  readonly deadline: number;
  /** The allowance that the signer must have granted before the call is sent. Null: none is needed. */
  readonly spends: Allowance | null;
}

/** `spender` may take `amount` base units of `token`; both are addresses. */
export interface Allowance {
  readonly token: string;
  readonly spender: string;
  readonly amount: string;
}

/**
 * One signed transaction of an order. All transactions of one epoch share a nonce, so that at most one of them executes.
 * The submitter keeps the signed bytes. Snapshots and journals do not contain them, because a reader could send them.
 */
export interface TransactionRef {
  readonly hash: string;
  readonly signer: string;
  readonly nonce: number;
  readonly epoch: number;
}

/** What the chain says of the transaction that used a nonce of the order. */
export interface NonceReceipt extends TransactionRef {
  /** `cancel`: it did nothing but use the nonce up. */
  readonly kind: 'swap' | 'cancel';
  readonly block: number;
  readonly status: 'success' | 'reverted';
  /** Null: the chain does not say. */
  readonly gasUsed: string | null;
  /** Wei: for gas, and for data on rollups that charge for it. Null: the chain does not say. */
  readonly paid: string | null;
}

/** The amounts that a swap moved, read from the chain. */
export interface Fill {
  readonly hash: string;
  readonly block: number;
  readonly executedSellAmount: string;
  readonly executedBuyAmount: string;
  /** Absent: the amounts are what the order asked for. */
  readonly deviation?: Reason;
}

/**
 * What to do about a failed effect:
 * - `retry`: try again; it counts against the attempts of the stage
 * - `wait`: try again; it does not count, and the order shows what it waits for
 * - `reroute`: the route cannot be used, so ask the venues again; it counts against the re-routes of the order
 * - `replace`: the nonce reservation is lost, so take another one
 * - `fail`: no repetition can help
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

/** The effects that states invoke, with their inputs and outputs. The worker provides them. */
export interface Effects {
  quote: {
    /** `asking`: how many times the order has asked, this time included. */
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

/** What the submitter needs to find an order's reservation and all transactions that were signed for it. */
export interface SentInput {
  readonly terms: OrderTerms;
  readonly venue: string;
  readonly signer: string;
  readonly epoch: number;
  readonly transactions: readonly TransactionRef[];
}

/** Absent where it cannot be read, and in journals of releases that did not ask for it. */
interface WithReceipt {
  readonly receipt?: NonceReceipt;
}

export type MiningOutcome =
  | ({ readonly outcome: 'included'; readonly hash: string; readonly block: number } & WithReceipt)
  | ({ readonly outcome: 'reverted'; readonly hash: string; readonly failure: Failure } & WithReceipt)
  | { readonly outcome: 'dropped' };

export type ConfirmationOutcome =
  ({ readonly outcome: 'filled'; readonly fill: Fill } & WithReceipt) | { readonly outcome: 'reorganised' };

/** Which transaction used the nonce. `unfilled`: the replacement did, or a swap that reverted. */
export type CancelOutcome =
  | ({ readonly outcome: 'unfilled' } & WithReceipt)
  | ({ readonly outcome: 'filled'; readonly fill: Fill } & WithReceipt);

/** The limits of an order. Times in milliseconds; `attempts` includes the first one. */
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
  /** When the order was accepted: Unix milliseconds. */
  readonly at: number;
}

/** The context of the order machine; stored-context.ts says why it has groups. Times are Unix milliseconds. */
export interface OrderContext {
  readonly terms: OrderTerms;
  readonly policy: RetryPolicy;
  /** The number of the attempt at the current stage that runs, or that failed last. From 1. */
  readonly attempt: number;
  /** How many times in a row the stage has waited. Absent in the first orders of 0.1.0. */
  readonly waits?: number;
  readonly reroutes: number;
  readonly effects: {
    /** How many times each effect was begun, including re-routes and waits. Distinguishes one request from the next. */
    readonly begun: Readonly<Record<EffectName, number>>;
    /** When the current state times out. */
    readonly deadline: number;
  };
  readonly backoff: {
    /** When the current backoff ends. Null outside a backoff. */
    readonly retryAt: number | null;
    readonly delayMs: number;
  };
  readonly offers: { readonly quotes: readonly Quote[]; readonly refusals: readonly Refusal[] };
  readonly route: Route | null;
  /**
   * The least that the order may yield, in base units: `terms.minBuyAmount`, or what the first route and `slippageBps` gave. Later
   * routes do not lower it. Absent before the first route, and in orders of 0.1.
   */
  readonly minBuyAmount?: string;
  readonly built: { readonly swap: UnsignedSwap | null; readonly signer: string | null };
  /** The number of the nonce reservation. A new epoch begins only when the reservation before is provably closed. */
  readonly epoch: number;
  readonly transactions: readonly TransactionRef[];
  /** Of the transactions that used the order's nonces, one an epoch, as far as they are known. Absent in orders of 0.2. */
  readonly receipts?: readonly NonceReceipt[];
  /** The last failure, until a stage succeeds. */
  readonly failure: Failure | null;
  /** How the order ends if its nonce is closed without a fill. Set by the transition into `submitted.cancelling`. */
  readonly ending: { readonly status: 'cancelled' | 'failed'; readonly reason: Reason } | null;
  readonly reason: Reason | null;
  readonly fill: Fill | null;
  /** Progress (0-100) of the last working state. It stays when the order fails. */
  readonly progress: number;
}

/** When an event was taken (Unix milliseconds), and its random draw from [0, 1). The machine has neither clock nor randomness. */
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

/** A user's command, as stored in the inbox. */
export type Command =
  | { readonly type: 'CANCEL'; readonly commandId: string }
  /** Ends the backoff that would end at `retryAt` (Unix milliseconds), and no other one. Releases up to 0.2 ignore it. */
  | { readonly type: 'RETRY_NOW'; readonly commandId: string; readonly retryAt: number };

/** What an effect reports to its order while it runs. */
export type Report =
  /** The fee was raised: one more transaction on the same nonce. */
  | { readonly type: 'REPLACED'; readonly transaction: TransactionRef }
  /** The chain has not answered yet; `failure` says what the order waits for. */
  | { readonly type: 'WAITING'; readonly failure: Failure };

export type OrderEvent = Partial<Stamp> &
  ({ readonly type: 'START' } | { readonly type: 'RESUME' } | Command | Report | EffectDone | EffectFailed);

export interface StateMeta {
  readonly progress: number;
  /** What happens in this state, for people. */
  readonly message: string;
}
