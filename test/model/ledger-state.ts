/** What there is in the model of the signer's ledger: the documents, the chain, and what each actor remembers. */

/**
 * Signed bytes, by their hash: the nonce that they use, and what they do. `S` and `T` are the order's swap as one worker
 * or the other signed it (other fees, so other bytes); `cancel` and `fill` do nothing but use the nonce.
 */
export type Hash = `${number} ${Maker}`;
export type Maker = WorkerName | 'cancel' | 'fill';
export type WorkerName = 'S' | 'T';

/** How a nonce was used. `unfilled`: by a transaction that does nothing. */
export type Outcome = 'filled' | 'reverted' | 'unfilled';

/** The order's document. Every commit is a compare-and-set on `version`. */
export interface Order {
  readonly version: number;
  readonly status: 'signing' | 'submitted' | 'confirmed' | 'failed' | 'cancelled';
  /** Which attempt at a reservation this is. */
  readonly epoch: number;
  /** The nonce under which it was submitted in this epoch. */
  readonly nonce: number | null;
  /** How it ends unless its swap was executed: a user cancelled it, or its deadline or a budget ran out. */
  readonly ending: 'cancelled' | 'failed' | null;
}

export interface NonceReservation {
  readonly epoch: number;
  readonly state: 'reserved' | 'armed' | 'cancelling' | 'void';
  /** All that was signed for this nonce and may be out. */
  readonly hashes: readonly Hash[];
}

/** The signer's document. The nonce of a reservation is `base` plus its index, so a gap cannot be written. */
export interface Signer {
  readonly base: number;
  readonly open: readonly NonceReservation[];
}

/** The environment: not a document of ours. */
export interface Chain {
  /** The transaction that used each nonce. */
  readonly mined: readonly Mined[];
  /** How many of these no reorganisation takes back. */
  readonly final: number;
  readonly mempool: readonly Hash[];
  /** A node that stays on a branch that lost, and what that branch did with a nonce. Requests may reach this node or another. */
  readonly stale: (Mined & { readonly nonce: number }) | null;
  /** Whether the chain's time has passed the order's `validTo`; null: it never will. */
  readonly expired: boolean | null;
  /** Swaps that were sent, in any state of the mempool; kept only where `validTo` may pass. */
  readonly sent: readonly Hash[];
  /** Whether one of them was sent for the first time after `validTo`. */
  readonly sentLate: boolean;
}

export interface Mined {
  readonly hash: Hash;
  readonly reverted: boolean;
}

/** What a worker remembers between two steps, and what a crash takes from it. `order` is the order as it was read. */
export type Worker =
  | { readonly at: 'rest' }
  | { readonly at: 'ask' | 'reservation lost'; readonly order: Order }
  | { readonly at: 'give up'; readonly order: Order; readonly as: 'cancelled' | 'failed' }
  | { readonly at: WithNonce; readonly order: Order; readonly nonce: number }
  | { readonly at: 'close'; readonly order: Order; readonly nonce: number; readonly hashes: readonly Hash[] }
  | { readonly at: 'leave'; readonly order: Order; readonly outcome: Outcome }
  | { readonly at: 'name another' | 'contest'; readonly nonce: number }
  | { readonly at: 'send'; readonly nonce: number; readonly hashes: readonly Hash[] };
type WithNonce = 'save' | 'name' | 'submit' | 'look';

export type Resender = { readonly at: 'rest' } | { readonly at: 'void'; readonly nonce: number };

export interface State {
  readonly order: Order;
  readonly signer: Signer;
  /** The bytes that are saved, by hash. */
  readonly attempts: readonly Hash[];
  /** How each nonce was used, once that is final: written before its reservation leaves the signer's document. */
  readonly settled: readonly (Outcome | null)[];
  readonly chain: Chain;
  readonly workers: Readonly<Record<WorkerName, Worker>>;
  readonly resender: Resender;
}

export const INITIAL: State = {
  order: { version: 1, status: 'signing', epoch: 1, nonce: null, ending: null },
  signer: { base: 0, open: [] },
  attempts: [],
  settled: [],
  chain: { mined: [], final: 0, mempool: [], stale: null, expired: null, sent: [], sentLate: false },
  workers: { S: { at: 'rest' }, T: { at: 'rest' } },
  resender: { at: 'rest' },
};

export function nonceOf(hash: Hash): number {
  return Number(hash.slice(0, hash.indexOf(' ')));
}

export function isSwap(hash: Hash): boolean {
  return hash.endsWith('S') || hash.endsWith('T');
}

export function hasEnded({ status }: Order): boolean {
  return status === 'confirmed' || status === 'failed' || status === 'cancelled';
}

/** No worker will submit from this reservation: true forever, since an order never opens again and its epoch only grows. */
export function isAbandoned({ order }: State, { epoch }: NonceReservation): boolean {
  return hasEnded(order) || order.epoch > epoch;
}

/** The set with one more, in one order, so that equal sets have equal keys. */
export function including<T extends string>(set: readonly T[], ...more: readonly T[]): readonly T[] {
  return [...new Set([...set, ...more])].sort();
}

/** How many swaps the chain holds that were executed. */
export function executions({ mined }: Chain): number {
  return mined.filter(({ hash, reverted }) => isSwap(hash) && !reverted).length;
}
