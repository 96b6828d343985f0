/**
 * Keeps one signer's nonces moving, whatever happened to the orders that took them. An unused nonce blocks all later ones: so
 * abandoned reservations become void and are filled with a self-transfer, dropped transactions are resent, and used nonces are
 * closed.
 *
 * Any number of processes may do this for the same signer: each step is one compare-and-set of the ledger, or sends what is
 * stored.
 */
import type { Hash } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { isFinal } from '../../../machines/order/state.ts';
import type { Closing, SignerAccount, NonceReservation, NonceOutcome } from '../../store/ledger.ts';
import type { OrderStore, StoredOrder } from '../../store/ports.ts';
import { isExpired, sendFailure } from './broadcast.ts';
import { isApproval } from './funds/approval.ts';
import { resendOrRaiseApproval, sendReservedApproval } from './funds/resend-approval.ts';
import { sendReplacement } from './replacement.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { finalOutcome } from './nonces/finality.ts';
import { asHex } from './sign-and-store.ts';
import { readNonceStatus, type NonceStatus } from './nonces/nonce-status.ts';
import { NonceWaits } from './nonces/nonce-waits.ts';
import { nodeHasAny, resendIfLost } from './nonces/resend.ts';
import { TakenBackNonces } from './nonces/taken-back.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export interface ResenderContext extends SubmitterContext {
  readonly orders: Pick<OrderStore, 'load'>;
  /** Reads from an order's stored state what it has submitted. */
  readonly submissionOf: (order: StoredOrder) => {
    readonly epoch: number;
    readonly hashes: readonly string[];
    /** Unix seconds; null: it cannot be read. */
    readonly validTo: number | null;
  };
}

export interface PassResult {
  /** The head that the open reservations were looked at with; null: none is open. */
  readonly seen: Hash | null;
  /** The next pass has something to do at once. */
  readonly hasMoved: boolean;
}

export class Resender {
  readonly #context: ResenderContext;
  readonly #signer: TransactionSigner;
  readonly #accountId: string;
  readonly #waits: NonceWaits;
  readonly #takenBack: TakenBackNonces;
  /** What was said last of the replacement of each nonce, where it was not taken. */
  readonly #refused = new Map<number, string>();
  /** Whether this pass moved a reservation that the next one goes on with. */
  #hasMoved = false;

  constructor(context: ResenderContext, signer: TransactionSigner) {
    this.#context = context;
    this.#signer = signer;
    this.#accountId = accountIdOf(context.chainId, signer.address);
    this.#takenBack = new TakenBackNonces(context, signer);
    this.#waits = new NonceWaits(context.clock, context.settings.raiseAfterMs);
  }

  /**
   * One pass over all open reservations, in nonce order. One that must wait does not delay the others. Without an open one the chain is
   * not asked.
   * @throws EffectError, StoreUnavailable: the next pass goes on
   */
  async runOnce(): Promise<PassResult> {
    const account = await this.#context.ledger.accounts.read(this.#accountId);
    this.#forgetClosed(account);
    this.#waits.forgetClosed(account);
    this.#hasMoved = false;
    const seen = account.open.length === 0 ? null : (await this.#context.node.head()).hash;
    if (seen !== null) await this.#takenBack.check(account);
    const closings: Closing[] = [];
    let waiting: EffectError | null = null;
    const next = account.open.find(
      ({ outcome, hashes }) => outcome === null && this.#heldBy(hashes) === null,
    );
    try {
      for (const reservation of account.open) {
        try {
          // One that has its outcome was left by a process that died between closing and retiring it.
          const outcome = reservation.outcome ?? (await this.#resolve(reservation, reservation === next));
          if (outcome !== null)
            closings.push({ orderId: reservation.orderId, epoch: reservation.epoch, outcome });
        } catch (thrown) {
          if (!(thrown instanceof EffectError) || thrown.code === 'rpc_unavailable') throw thrown;
          waiting ??= thrown;
        }
      }
    } finally {
      // All nonces that a block used are closed in one write.
      if (closings.length > 0) await this.#context.ledger.reservations.close(this.#accountId, closings);
    }
    if (waiting !== null) throw waiting;
    return { seen, hasMoved: this.#hasMoved };
  }

  /** The tracked block that holds one of these transactions. */
  #heldBy(hashes: readonly string[]): { readonly number: bigint } | null {
    return hashes.flatMap((hash) => this.#context.node.blockOf(asHex(hash)) ?? [])[0] ?? null;
  }

  /** Its outcome; null: its nonce is not used for good. @param isNext no nonce before it waits to be used */
  async #resolve(reservation: NonceReservation, isNext: boolean): Promise<NonceOutcome | null> {
    if (await this.#isOnItsWay(reservation, isNext)) return null;
    const status = await readNonceStatus(this.#context, this.#signer, reservation);
    const outcome = await finalOutcome(this.#context, this.#signer, status);
    if (outcome === null && status.at === 'unused') await this.#advance(reservation, status);
    return outcome;
  }

  /**
   * Whether the chain has only to go on: a block holds one of its transactions and is not deep enough yet, or the node has a swap that
   * was sent. Costs no read of the store. Of the next nonce the node is asked once a block: where it was dropped, all later ones wait.
   */
  async #isOnItsWay({ nonce, hashes, state, ...owner }: NonceReservation, isNext: boolean): Promise<boolean> {
    const { node, settings } = this.#context;
    const head = await node.head();
    const held = this.#heldBy(hashes);
    if (held !== null) return head.number - held.number < BigInt(settings.confirmations);
    if (state !== 'armed' || isApproval(owner)) return false;
    if ((await node.transactionCount(this.#signer.address)) > nonce) return false;
    return nodeHasAny(node, hashes, isNext ? head.hash : undefined);
  }

  async #advance(
    reservation: NonceReservation,
    status: NonceStatus & { readonly at: 'unused' },
  ): Promise<void> {
    switch (reservation.state) {
      case 'reserved':
        return isApproval(reservation)
          ? sendReservedApproval(this.#context, this.#signer, status, this.#waits)
          : this.#voidIfAbandoned(reservation);
      case 'void':
        return this.#fill(status);
      case 'cancelling':
        // Else the worker that runs the order sends it.
        if (
          status.attempts.some(({ kind }) => kind === 'cancel') ||
          (await this.#isOrderMissing(reservation))
        ) {
          await this.#fill(status);
        }
        return;
      case 'armed':
        return isApproval(reservation)
          ? resendOrRaiseApproval(this.#context, this.#signer, status, this.#waits)
          : this.#resendCommitted(status);
      case 'closed':
        return;
    }
  }

  async #fill(status: NonceStatus & { readonly at: 'unused' }): Promise<void> {
    const sent = await sendReplacement(this.#context, this.#signer, status, this.#waits.isOverdue(status));
    const { nonce, orderId } = status.reservation;
    const failure = sent === null ? null : sendFailure(sent);
    const said = failure?.message ?? '';
    if (said === (this.#refused.get(nonce) ?? '')) return;
    this.#refused.set(nonce, said);
    if (failure === null) return;
    this.#context.log.warn(
      { accountId: this.#accountId, nonce, orderId, code: failure.code, why: said },
      'the transaction that is to use up a nonce was not taken: it is sent again, and the nonces after it wait',
    );
  }

  async #voidIfAbandoned(reservation: NonceReservation): Promise<void> {
    const { orders, submissionOf, ledger, log } = this.#context;
    const order = await orders.load(reservation.orderId);
    const isAbandoned =
      order !== null && (isFinal(order.status) || submissionOf(order).epoch > reservation.epoch);
    if (!isAbandoned && !this.#waits.isReservedLong(reservation)) return;
    if (await ledger.reservations.move(this.#accountId, reservation, 'reserved', 'void')) {
      this.#hasMoved = true;
      log.info(
        { accountId: this.#accountId, nonce: reservation.nonce, orderId: reservation.orderId },
        'an abandoned reservation is void',
      );
    }
  }

  /**
   * Sends only what the order has committed, only if the node lacks it, and only before the order's `validTo`: after it the order
   * contests its nonce. Without its order it is cancelled.
   */
  async #resendCommitted({ reservation, attempts }: NonceStatus): Promise<void> {
    const { orders, submissionOf, ledger, node } = this.#context;
    const order = await orders.load(reservation.orderId);
    if (order !== null) {
      const { hashes, validTo } = submissionOf(order);
      if (validTo === null || isExpired(await node.head(), validTo)) return;
      const committed = attempts.filter(({ hash }) => hashes.includes(hash));
      return resendIfLost(node, committed);
    }
    if (await nodeHasAny(node, reservation.hashes)) return;
    if (await ledger.reservations.move(this.#accountId, reservation, 'armed', 'cancelling'))
      this.#hasMoved = true;
  }

  async #isOrderMissing({ orderId }: NonceReservation): Promise<boolean> {
    return (await this.#context.orders.load(orderId)) === null;
  }

  #forgetClosed({ open }: SignerAccount): void {
    const nonces = new Set(open.map(({ nonce }) => nonce));
    for (const nonce of this.#refused.keys()) if (!nonces.has(nonce)) this.#refused.delete(nonce);
  }
}
