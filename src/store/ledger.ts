/**
 * The signer's ledger: which order has which nonce of which signer, and what was signed for it. A nonce belongs to one
 * (order, epoch) forever, whatever its outcome.
 *
 * An account is the ledger of one signer on one chain, and one document: each step below is one compare-and-set of it. Its
 * nonces are `base` + position, so that a gap cannot be written. An order is another document, and nothing spans both;
 * the order of the steps makes that safe (docs/explanation/signers-ledger.md).
 *
 * As with orders: every write resolves only once it is durable, any method may reject with `StoreUnavailable`, and
 * repeating it is safe. Every method rejects with `UnknownAccount` for an account that was never opened.
 */

/**
 * - `reserved`: taken; nothing that was signed for it may be sent
 * - `armed`: its order has committed `submitted`; what was signed for it may be sent, and more may be signed
 * - `cancelling`: being replaced; no swap is signed any more, a swap that was sent may still be mined first
 * - `void`: abandoned before it was armed; only a transaction that does nothing is signed and sent
 * - `closed`: the chain has used the nonce, for good
 */
export type ReservationState = 'reserved' | 'armed' | 'cancelling' | 'void' | 'closed';

/** A reservation is closed by its outcome alone, and takes no attempt afterwards. */
export type OpenState = Exclude<ReservationState, 'closed'>;

/** Whose reservation it is. `epoch` counts an order's attempts at a reservation, from 1. */
export interface ReservationOwner {
  readonly orderId: string;
  readonly epoch: number;
}

export interface Spending {
  /** Address of the token; of the chain's own coin `NATIVE_COIN`. */
  readonly token: string;
  /** Base units. */
  readonly amount: string;
}

/** The transaction that used the nonce. */
export interface NonceOutcome {
  readonly hash: string;
  /** `foreign`: not one of ours. */
  readonly kind: AttemptKind | 'foreign';
  readonly status: 'success' | 'reverted';
  readonly block: number;
}

export interface NonceReservation extends ReservationOwner {
  readonly nonce: number;
  readonly state: ReservationState;
  /** Of all that was signed for it, in the order of signing. */
  readonly hashes: readonly string[];
  /** What it will cost its signer; null: nothing but gas. */
  readonly spends: Spending | null;
  /** Once closed. */
  readonly outcome: NonceOutcome | null;
}

/** Why a signer signs nothing until an operator lifts it. */
export interface Halt {
  readonly code: string;
  readonly message: string;
}

export interface SignerAccount {
  /** `<chain id>:<address in lower case>` */
  readonly accountId: string;
  /** Hash of the chain's first block: another chain of the same id is another chain. */
  readonly genesis: string;
  /** The first nonce that is not known to be used. */
  readonly base: number;
  /** In nonce order, from `base` on. */
  readonly open: readonly NonceReservation[];
  readonly halted: Halt | null;
}

/** The account belongs to another chain than the one that is there now. */
export class OtherChain extends Error {
  constructor(accountId: string, stored: string, found: string) {
    super(
      `the ledger of ${accountId} belongs to the chain that begins with ${stored}, and the one that was found begins with ${found}: name the right chain, or another store`,
    );
    this.name = 'OtherChain';
  }
}

export class UnknownAccount extends Error {
  constructor(accountId: string) {
    super(`account ${accountId} was never opened: expected \`accounts.open\` first`);
    this.name = 'UnknownAccount';
  }
}

export interface SignerAccounts {
  /** Makes it where it is missing, with `base` as its first nonce, else leaves it as it is. @throws OtherChain */
  open(accountId: string, genesis: string, base: number): Promise<SignerAccount>;
  read(accountId: string): Promise<SignerAccount>;
  /** All that were ever opened, by id, at most `limit` of them. */
  list(limit: number): Promise<readonly SignerAccount[]>;
  /** Null lifts it. */
  halt(accountId: string, halt: Halt | null): Promise<void>;
}

export type Taken =
  | { readonly outcome: 'taken'; readonly reservation: NonceReservation }
  /** As many reservations are open as `window` allows. */
  | { readonly outcome: 'full' }
  | { readonly outcome: 'halted'; readonly halt: Halt };

/** How a reservation ended. */
export interface Closing extends ReservationOwner {
  readonly outcome: NonceOutcome;
}

export interface NonceReservations {
  /**
   * The reservation of this owner: the one it has, open or closed, else the next one, `reserved`, unless `window` reservations
   * are open or the account is halted.
   */
  take(
    accountId: string,
    owner: ReservationOwner,
    rules: { readonly window: number; readonly spends: Spending | null },
  ): Promise<Taken>;
  /** Open or closed; null: it never had one. */
  find(accountId: string, owner: ReservationOwner): Promise<NonceReservation | null>;
  /** True once it is in `to`, also where another process moved it there; false where it is in neither of both states. */
  move(accountId: string, owner: ReservationOwner, from: OpenState, to: OpenState): Promise<boolean>;
  /**
   * Writes how the chain used the nonces, closes the reservations, and takes the closed ones from the front of the account. An
   * outcome is readable by `find` forever; the first one stays, and repeating `close` finishes what a crash left.
   * @throws Error when one of the owners never had a reservation; the others are closed
   */
  close(accountId: string, closings: readonly Closing[]): Promise<void>;
}

/** `swap`: what the order wants. `approve`: an allowance. `cancel`: a transaction that does nothing and uses the nonce up. */
export type AttemptKind = 'swap' | 'approve' | 'cancel';

/** One signed transaction. Its bytes are enough to send it: they are in no snapshot, journal, log or answer. */
export interface Attempt extends ReservationOwner {
  readonly hash: string;
  readonly accountId: string;
  readonly nonce: number;
  readonly kind: AttemptKind;
  /** Signed and serialised, in hex. */
  readonly bytes: string;
  /** Wei. */
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
}

export interface Attempts {
  /**
   * Stores the attempt, then names it in its reservation if that is in one of these states. False: the reservation is not, and
   * the attempt must never be sent.
   * @throws Error when its nonce is not its reservation's; it is not named then
   */
  keep(attempt: Attempt, allowed: readonly OpenState[]): Promise<boolean>;
  /** The attempts that the reservation names, in the order of signing. */
  of(accountId: string, owner: ReservationOwner): Promise<readonly Attempt[]>;
}

export interface SignerLedger {
  readonly accounts: SignerAccounts;
  readonly reservations: NonceReservations;
  readonly attempts: Attempts;
}
