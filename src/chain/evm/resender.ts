/**
 * Keeps one signer's nonces going, whatever became of the orders that took them. A nonce that nobody uses holds up all that
 * come after it: so what was abandoned is given up and filled, what the chain forgot is sent again, and what is used is closed.
 *
 * Any number of processes may keep the same signer: each step is one compare-and-set of the ledger, or sends what is stored.
 */
import { EffectError } from '../../../machines/order/effect-error.ts';
import { isFinal } from '../../../machines/order/state.ts';
import type { Attempt, Closing, SignerAccount, NonceReservation, NonceOutcome } from '../../store/ledger.ts';
import type { OrderStore, StoredOrder } from '../../store/ports.ts';
import { isApproval } from './allowance.ts';
import { sendReplacement } from './replacement.ts';
import { accountIdOf, type EvmDeps } from './deps.ts';
import { replacementFees } from './node/fees.ts';
import { finalOutcome } from './settle.ts';
import { asHex, callOf, presentFees, signAndKeep } from './sign-and-store.ts';
import { nonceStatusOf, type NonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

/** An order that has neither submitted nor given up its nonce by then, while others wait behind it, gets another one. */
const RESERVED_LIMIT_MS = 10_000;

export interface ResenderDeps extends EvmDeps {
  readonly orders: Pick<OrderStore, 'load'>;
  /** As much of an order's stored state as tells what it has submitted. */
  readonly submittedBy: (order: StoredOrder) => {
    readonly epoch: number;
    readonly hashes: readonly string[];
  };
}

export class Resender {
  readonly #deps: ResenderDeps;
  readonly #signer: TransactionSigner;
  readonly #accountId: string;
  /** When each reserved nonce was first seen as such. */
  readonly #reservedSince = new Map<number, number>();
  /** When the first free nonce was first seen as such. */
  #passedOver: { readonly nonce: number; readonly since: number } | null = null;

  constructor(deps: ResenderDeps, signer: TransactionSigner) {
    this.#deps = deps;
    this.#signer = signer;
    this.#accountId = accountIdOf(deps.chainId, signer.address);
  }

  /**
   * One look at all open reservations, in nonce order. One that must wait holds up none of the others.
   * @throws EffectError, StoreUnavailable: the next look goes on
   */
  async look(): Promise<void> {
    const account = await this.#deps.ledger.accounts.read(this.#accountId);
    this.#forgetOthers(account);
    const closings: Closing[] = [];
    let waiting: EffectError | null = null;
    try {
      for (const reservation of account.open) {
        try {
          // One that has its outcome was left here by a process that died between closing it and taking it away.
          const outcome = reservation.outcome ?? (await this.#keep(reservation));
          if (outcome !== null)
            closings.push({ orderId: reservation.orderId, epoch: reservation.epoch, outcome });
        } catch (thrown) {
          if (!(thrown instanceof EffectError) || thrown.code === 'rpc_unavailable') throw thrown;
          waiting ??= thrown;
        }
      }
    } finally {
      // What one block has used is closed in one write.
      if (closings.length > 0) await this.#deps.ledger.reservations.close(this.#accountId, closings);
    }
    if (waiting !== null) throw waiting;
  }

  /** Null: its nonce is not used for good. */
  async #keep(reservation: NonceReservation): Promise<NonceOutcome | null> {
    const nonceStatus = await nonceStatusOf(this.#deps, this.#signer, reservation);
    const outcome = await finalOutcome(this.#deps, this.#signer, nonceStatus);
    if (outcome === null && nonceStatus.at === 'unused') await this.#goOn(reservation, nonceStatus);
    return outcome;
  }

  async #goOn(
    reservation: NonceReservation,
    nonceStatus: NonceStatus & { readonly at: 'unused' },
  ): Promise<void> {
    const deps = this.#deps;
    switch (reservation.state) {
      case 'reserved':
        return isApproval(reservation)
          ? this.#goOnWithApproval(nonceStatus)
          : this.#giveUpIfAbandoned(reservation);
      case 'void':
        return sendReplacement(deps, this.#signer, nonceStatus, this.#isPassedOver(nonceStatus));
      case 'cancelling':
        // Else it is for whoever runs the order.
        if (nonceStatus.attempts.some(({ kind }) => kind === 'cancel') || (await this.#isGone(reservation))) {
          await sendReplacement(deps, this.#signer, nonceStatus, this.#isPassedOver(nonceStatus));
        }
        return;
      case 'armed':
        return isApproval(reservation) ? this.#keepApproval(nonceStatus) : this.#sendAgain(nonceStatus);
      case 'closed':
        return;
    }
  }

  async #giveUpIfAbandoned(reservation: NonceReservation): Promise<void> {
    const { orders, submittedBy, ledger, clock, log } = this.#deps;
    const order = await orders.load(reservation.orderId);
    const isAbandoned =
      order !== null && (isFinal(order.status) || submittedBy(order).epoch > reservation.epoch);
    const since = this.#reservedSince.get(reservation.nonce) ?? clock.now();
    this.#reservedSince.set(reservation.nonce, since);
    if (!isAbandoned && clock.now() - since < RESERVED_LIMIT_MS) return;
    if (await ledger.reservations.move(this.#accountId, reservation, 'reserved', 'void')) {
      log.info(
        { accountId: this.#accountId, nonce: reservation.nonce, orderId: reservation.orderId },
        'an abandoned nonce is filled',
      );
    }
  }

  /** An allowance serves whoever comes next: it is granted whether or not its first asker lives. */
  async #goOnWithApproval({ reservation, attempts }: NonceStatus): Promise<void> {
    const { ledger, node } = this.#deps;
    const [attempt] = attempts;
    if (attempt === undefined) return this.#giveUpApproval(reservation);
    if (await ledger.reservations.move(this.#accountId, reservation, 'reserved', 'armed'))
      await node.send(asHex(attempt.bytes));
  }

  async #giveUpApproval(reservation: NonceReservation): Promise<void> {
    const { clock, ledger } = this.#deps;
    const since = this.#reservedSince.get(reservation.nonce) ?? clock.now();
    this.#reservedSince.set(reservation.nonce, since);
    if (clock.now() - since >= RESERVED_LIMIT_MS)
      await ledger.reservations.move(this.#accountId, reservation, 'reserved', 'void');
  }

  /** Only what the order has named may be sent, and only if the node lacks it. Without its order it is given up. */
  async #sendAgain({ reservation, attempts }: NonceStatus): Promise<void> {
    const { orders, submittedBy, ledger } = this.#deps;
    const order = await orders.load(reservation.orderId);
    if (order !== null) {
      const { hashes } = submittedBy(order);
      return this.#sendLost(attempts.filter(({ hash }) => hashes.includes(hash)));
    }
    if (!(await this.#knowsAny(attempts)))
      await ledger.reservations.move(this.#accountId, reservation, 'armed', 'cancelling');
  }

  /** No order waits for it that would raise its fee. */
  async #keepApproval(nonceStatus: NonceStatus & { readonly at: 'unused' }): Promise<void> {
    const deps = this.#deps;
    const { reservation, attempts } = nonceStatus;
    await this.#sendLost(attempts);
    const last = attempts.at(-1);
    if (last === undefined || !this.#isPassedOver(nonceStatus)) return;
    const fees = replacementFees(attempts, await presentFees(deps), deps.settings);
    if (fees === null) return;
    const signing = { signer: this.#signer, reservation, kind: 'approve', call: callOf(last), fees } as const;
    const raised = await signAndKeep(deps, { ...signing, allowed: ['armed'] });
    if (raised !== null) await deps.node.send(asHex(raised.bytes));
  }

  async #sendLost(attempts: readonly Attempt[]): Promise<void> {
    const last = attempts.at(-1);
    if (last === undefined || (await this.#knowsAny(attempts))) return;
    await this.#deps.node.send(asHex(last.bytes));
  }

  async #knowsAny(attempts: readonly Attempt[]): Promise<boolean> {
    const known = await Promise.all(attempts.map(({ hash }) => this.#deps.node.knows(asHex(hash))));
    return known.includes(true);
  }

  async #isGone({ orderId }: NonceReservation): Promise<boolean> {
    return (await this.#deps.orders.load(orderId)) === null;
  }

  #isPassedOver(nonceStatus: NonceStatus & { readonly at: 'unused' }): boolean {
    if (!nonceStatus.isNext) return false;
    const { clock, settings } = this.#deps;
    const { nonce } = nonceStatus.reservation;
    if (this.#passedOver?.nonce !== nonce) this.#passedOver = { nonce, since: clock.now() };
    if (clock.now() - this.#passedOver.since < settings.raiseAfterMs) return false;
    this.#passedOver = null;
    return true;
  }

  #forgetOthers({ open }: SignerAccount): void {
    const nonces = new Set(open.map(({ nonce }) => nonce));
    for (const nonce of this.#reservedSince.keys()) if (!nonces.has(nonce)) this.#reservedSince.delete(nonce);
  }
}
