/**
 * Keeps one signer's nonces going, whatever became of the orders that took them. A nonce that nobody uses holds up all that
 * come after it: so what was abandoned is given up and filled, what the chain forgot is sent again, and what is used is closed.
 *
 * Any number of processes may keep the same signer: each step is one compare-and-set of the ledger, or sends what is stored.
 */
import { EffectError } from '../../../machines/order/effect-error.ts';
import { isFinal } from '../../../machines/order/state.ts';
import type { Attempt, Closing, Lane, Slot, SlotOutcome } from '../../store/ledger.ts';
import type { OrderStore, StoredOrder } from '../../store/ports.ts';
import { isApproval } from './allow.ts';
import { contest } from './contest.ts';
import { laneOf, type EvmDeps } from './evm-deps.ts';
import { replacementFees } from './fees.ts';
import { finalOutcome } from './settle.ts';
import { asHex, callOf, presentFees, signAndKeep } from './signing.ts';
import { standingOfSlot, type Standing } from './standing.ts';
import type { TransactionSigner } from './transaction-signer.ts';

/** An order that has neither submitted nor given up its nonce by then, while others wait behind it, gets another one. */
const RESERVED_LIMIT_MS = 10_000;

export interface KeeperDeps extends EvmDeps {
  readonly orders: Pick<OrderStore, 'load'>;
  /** As much of an order's stored state as tells what it has submitted. */
  readonly submittedBy: (order: StoredOrder) => {
    readonly epoch: number;
    readonly hashes: readonly string[];
  };
}

export class Keeper {
  readonly #deps: KeeperDeps;
  readonly #signer: TransactionSigner;
  readonly #lane: string;
  /** When each reserved nonce was first seen as such. */
  readonly #reservedSince = new Map<number, number>();
  /** When the first free nonce was first seen as such. */
  #passedOver: { readonly nonce: number; readonly since: number } | null = null;

  constructor(deps: KeeperDeps, signer: TransactionSigner) {
    this.#deps = deps;
    this.#signer = signer;
    this.#lane = laneOf(deps.chainId, signer.address);
  }

  /**
   * One look at all open slots, in nonce order. One that must wait holds up none of the others.
   * @throws EffectError, StoreUnavailable: the next look goes on
   */
  async look(): Promise<void> {
    const lane = await this.#deps.ledger.lanes.read(this.#lane);
    this.#forgetOthers(lane);
    const closings: Closing[] = [];
    let waiting: EffectError | null = null;
    try {
      for (const slot of lane.open) {
        try {
          // One that has its outcome was left here by a process that died between closing it and taking it away.
          const outcome = slot.outcome ?? (await this.#keep(slot));
          if (outcome !== null) closings.push({ orderId: slot.orderId, epoch: slot.epoch, outcome });
        } catch (thrown) {
          if (!(thrown instanceof EffectError) || thrown.code === 'rpc_unavailable') throw thrown;
          waiting ??= thrown;
        }
      }
    } finally {
      // What one block has used is closed in one write.
      if (closings.length > 0) await this.#deps.ledger.slots.close(this.#lane, closings);
    }
    if (waiting !== null) throw waiting;
  }

  /** Null: its nonce is not used for good. */
  async #keep(slot: Slot): Promise<SlotOutcome | null> {
    const standing = await standingOfSlot(this.#deps, this.#signer, slot);
    const outcome = await finalOutcome(this.#deps, this.#signer, standing);
    if (outcome === null && standing.at === 'unused') await this.#goOn(slot, standing);
    return outcome;
  }

  async #goOn(slot: Slot, standing: Standing & { readonly at: 'unused' }): Promise<void> {
    const deps = this.#deps;
    switch (slot.state) {
      case 'reserved':
        return isApproval(slot) ? this.#goOnWithApproval(standing) : this.#giveUpIfAbandoned(slot);
      case 'void':
        return contest(deps, this.#signer, standing, this.#isPassedOver(standing));
      case 'cancelling':
        // Else it is for whoever runs the order.
        if (standing.attempts.some(({ kind }) => kind === 'cancel') || (await this.#isGone(slot))) {
          await contest(deps, this.#signer, standing, this.#isPassedOver(standing));
        }
        return;
      case 'armed':
        return isApproval(slot) ? this.#keepApproval(standing) : this.#sendAgain(standing);
      case 'closed':
        return;
    }
  }

  async #giveUpIfAbandoned(slot: Slot): Promise<void> {
    const { orders, submittedBy, ledger, clock, log } = this.#deps;
    const order = await orders.load(slot.orderId);
    const isAbandoned = order !== null && (isFinal(order.status) || submittedBy(order).epoch > slot.epoch);
    const since = this.#reservedSince.get(slot.nonce) ?? clock.now();
    this.#reservedSince.set(slot.nonce, since);
    if (!isAbandoned && clock.now() - since < RESERVED_LIMIT_MS) return;
    if (await ledger.slots.move(this.#lane, slot, 'reserved', 'void')) {
      log.info(
        { lane: this.#lane, nonce: slot.nonce, orderId: slot.orderId },
        'an abandoned nonce is filled',
      );
    }
  }

  /** An allowance serves whoever comes next: it is granted whether or not its first asker lives. */
  async #goOnWithApproval({ slot, attempts }: Standing): Promise<void> {
    const { ledger, node } = this.#deps;
    const [attempt] = attempts;
    if (attempt === undefined) return this.#giveUpApproval(slot);
    if (await ledger.slots.move(this.#lane, slot, 'reserved', 'armed')) await node.send(asHex(attempt.bytes));
  }

  async #giveUpApproval(slot: Slot): Promise<void> {
    const { clock, ledger } = this.#deps;
    const since = this.#reservedSince.get(slot.nonce) ?? clock.now();
    this.#reservedSince.set(slot.nonce, since);
    if (clock.now() - since >= RESERVED_LIMIT_MS)
      await ledger.slots.move(this.#lane, slot, 'reserved', 'void');
  }

  /** Only what the order has named may be sent, and only if the node lacks it. Without its order it is given up. */
  async #sendAgain({ slot, attempts }: Standing): Promise<void> {
    const { orders, submittedBy, ledger } = this.#deps;
    const order = await orders.load(slot.orderId);
    if (order !== null) {
      const { hashes } = submittedBy(order);
      return this.#sendLost(attempts.filter(({ hash }) => hashes.includes(hash)));
    }
    if (!(await this.#knowsAny(attempts))) await ledger.slots.move(this.#lane, slot, 'armed', 'cancelling');
  }

  /** No order waits for it that would raise its fee. */
  async #keepApproval(standing: Standing & { readonly at: 'unused' }): Promise<void> {
    const deps = this.#deps;
    const { slot, attempts } = standing;
    await this.#sendLost(attempts);
    const last = attempts.at(-1);
    if (last === undefined || !this.#isPassedOver(standing)) return;
    const fees = replacementFees(attempts, await presentFees(deps), deps.settings);
    if (fees === null) return;
    const signing = { signer: this.#signer, slot, kind: 'approve', call: callOf(last), fees } as const;
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

  async #isGone({ orderId }: Slot): Promise<boolean> {
    return (await this.#deps.orders.load(orderId)) === null;
  }

  #isPassedOver(standing: Standing & { readonly at: 'unused' }): boolean {
    if (!standing.isNext) return false;
    const { clock, settings } = this.#deps;
    const { nonce } = standing.slot;
    if (this.#passedOver?.nonce !== nonce) this.#passedOver = { nonce, since: clock.now() };
    if (clock.now() - this.#passedOver.since < settings.raiseAfterMs) return false;
    this.#passedOver = null;
    return true;
  }

  #forgetOthers({ open }: Lane): void {
    const nonces = new Set(open.map(({ nonce }) => nonce));
    for (const nonce of this.#reservedSince.keys()) if (!nonces.has(nonce)) this.#reservedSince.delete(nonce);
  }
}
