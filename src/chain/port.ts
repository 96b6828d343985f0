/**
 * A submitter alone holds keys: it signs, sends and watches. Each method may be repeated after a crash with the same input, and
 * must then find what it did before. A nonce reservation belongs to one (order, epoch); all that is signed for it shares one
 * nonce, so that at most one of it executes.
 *
 * All throw EffectError. `signal` aborts when the order runs elsewhere or no longer waits.
 */
import type { Effects, OrderTerms, Report } from '../../machines/order/types.ts';

export interface Execution {
  readonly signal: AbortSignal;
  /**
   * Resolves once the state that invoked the effect is stored. `mine` and `confirm` begin before: they await it before each step
   * that changes the world, such as a transaction or a write to the ledger. Rejects when the order runs elsewhere.
   */
  readonly durable: () => Promise<void>;
  /** Reports a raised fee, or what the order waits for, to the order. Resolves once that is stored; only then may a replacement be sent. */
  readonly report: (report: Report) => Promise<void>;
}

type In<Name extends keyof Effects> = Effects[Name]['input'];
type Out<Name extends keyof Effects> = Promise<Effects[Name]['output']>;

export interface Submitter {
  /** Chooses the signer of this order. Takes no reservation: the order commits the choice first. */
  assignSigner(terms: OrderTerms): Promise<string>;
  /** Takes the reservation of (order, epoch), signs, and stores the bytes. Sends nothing. */
  sign(input: In<'sign'>, execution: Execution): Out<'sign'>;
  /** Sends the stored bytes of the epoch's transactions. */
  broadcast(input: In<'broadcast'>, execution: Execution): Out<'broadcast'>;
  /** Waits for the receipt of any transaction of the epoch. */
  mine(input: In<'mine'>, execution: Execution): Out<'mine'>;
  /** Waits until the receipt is final; reads the fill from the chain. */
  confirm(input: In<'confirm'>, execution: Execution): Out<'confirm'>;
  /** Replaces the swap by a self-transfer on the same nonce, and waits until either of them is final. */
  cancel(input: In<'cancel'>, execution: Execution): Out<'cancel'>;
}
