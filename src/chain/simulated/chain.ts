/**
 * The chain's own part: what becomes of what was sent. Every method runs inside a write and reads the clock there, so that
 * all processes agree on what was sent before which block.
 */
import { parseAmount, printAmount } from '../../../machines/amount.ts';
import type { BlockTime } from './block-time.ts';
import { seededDraw } from '../../runtime/seeded-draw.ts';
import type { ChainOperation, FaultOf, FaultPlan } from './faults.ts';
import type { SimulatedLedger, NonceReservation, StoredTransaction } from './ledger.ts';

export interface SimulatedChain {
  /** The fault that this call meets, and counts it as dealt. */
  meet<Operation extends ChainOperation>(
    operation: Operation,
    order: Pick<NonceReservation, 'orderId' | 'epoch'>,
  ): FaultOf<Operation> | undefined;
  /** Makes the blocks whose time has come. */
  mineDue(now: number): void;
  /** Takes a transaction into the mempool, or, where blocks are instant, into a block. */
  send(transaction: StoredTransaction, now: number): void;
  /** Sent, but not mined until it is sent anew (`dropped`) or replaced (`stuck`). */
  lose(transaction: StoredTransaction, how: 'dropped' | 'stuck', now: number): void;
  /** Moves a receipt into the next block, as a shallow reorganisation does. */
  reorganise(reservation: NonceReservation, now: number): void;
}

export function simulatedChain(
  seed: string,
  ledger: SimulatedLedger,
  blocks: BlockTime,
  faults: FaultPlan,
): SimulatedChain {
  const meet: SimulatedChain['meet'] = (operation, { orderId, epoch }) => {
    const plan = faults.faultsOf(operation, orderId, epoch);
    if (plan.length === 0) return undefined;
    const fault = plan[ledger.dealtFaults(orderId, epoch, operation)];
    if (fault !== undefined) ledger.countDealtFault(orderId, epoch, operation);
    return fault;
  };

  /** Executes the transaction in the block that ends at `minedAt`. */
  function execute(transaction: StoredTransaction, minedAt: number): void {
    const revertReason = reasonToRevert(transaction, minedAt);
    const swapped = transaction.kind === 'swap' && revertReason === null;
    ledger.keepReceipt(transaction, {
      status: revertReason === null ? 'success' : 'reverted',
      revertReason,
      executedSellAmount: swapped ? transaction.sellAmount : '0',
      executedBuyAmount: swapped ? amountBought(seed, transaction) : '0',
      block: blocks.numberAt(minedAt),
      minedAt,
    });
  }

  function reasonToRevert(transaction: StoredTransaction, minedAt: number): string | null {
    if (transaction.kind === 'cancel') return null;
    if (Math.floor(minedAt / 1000) > transaction.deadline) return 'EXPIRED';
    return meet('execute', transaction) === 'reverted' ? 'INSUFFICIENT_OUTPUT_AMOUNT' : null;
  }

  return {
    meet,

    mineDue(now) {
      // Instant blocks leave nothing behind, but a process that had a block time may have.
      const due = ledger
        .pendingBefore(blocks.lastBoundary(now))
        .map((transaction) => ({ transaction, minedAt: blocks.inclusionOf(transaction.sentAt ?? 0) }))
        .sort((one, other) => one.minedAt - other.minedAt || other.transaction.fee - one.transaction.fee);
      for (const { transaction, minedAt } of due) {
        // A nonce is used once: its other transactions were settled with the first.
        if (ledger.receipt(transaction) === undefined) execute(transaction, minedAt);
      }
    },

    send(transaction, now) {
      if (!blocks.instant) ledger.keepSent(transaction, 'pending', now);
      else if (ledger.receipt(transaction) === undefined) execute(transaction, now);
    },

    lose(transaction, how, now) {
      ledger.keepSent(transaction, how, now);
    },

    reorganise(reservation, now) {
      const minedAt = blocks.inclusionOf(now);
      ledger.moveReceipt(reservation, blocks.numberAt(minedAt), minedAt);
    },
  };
}

/** Between the least amount and the quoted one: prices moved since the quote, against the order. */
function amountBought(seed: string, { orderId, epoch, ...call }: StoredTransaction): string {
  const least = parseAmount(call.minBuyAmount);
  const room = parseAmount(call.quotedBuyAmount) - least;
  if (room <= 0n) return call.minBuyAmount;
  const millionths = BigInt(Math.floor(seededDraw(seed, orderId, epoch, 'executed') * 1_000_001));
  return printAmount(least + (room * millionths) / 1_000_000n);
}
