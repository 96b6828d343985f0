/** Waits until a receipt is final and reads the fill from it. */
import type { ConfirmationOutcome, Fill, SentInput } from '../../../machines/order/types.ts';
import type { ChainAccess } from './access.ts';
import type { Receipt } from './ledger.ts';
import { nonceReceipt } from './nonce-receipt.ts';

export async function confirmOnChain(
  access: ChainAccess,
  input: SentInput,
  signal: AbortSignal,
): Promise<ConfirmationOutcome> {
  const { blocks, chain, clock } = access;
  const fault = await access.meetFault('confirm', input, signal);
  if (fault === 'reorganised') {
    const { reservation } = await access.nonceStatus(input);
    await access.write(signal, () => {
      chain.reorganise(reservation, clock.now());
      return {};
    });
    return { outcome: 'reorganised' };
  }
  for (;;) {
    signal.throwIfAborted();
    const { receipt, reservation } = await access.nonceStatus(input);
    const fill = fillOf(receipt);
    if (receipt === null || fill === null) return { outcome: 'reorganised' };
    const finalAt = blocks.finalAt(receipt.minedAt);
    if (finalAt <= clock.now()) {
      return { outcome: 'filled', fill, receipt: nonceReceipt(reservation, receipt) };
    }
    await access.until(finalAt, signal);
  }
}

/** What a receipt says was swapped; null: nothing. */
export function fillOf(receipt: Receipt | null): Fill | null {
  if (receipt?.kind !== 'swap' || receipt.status !== 'success') return null;
  const { hash, block, executedSellAmount, executedBuyAmount } = receipt;
  return { hash, block, executedSellAmount, executedBuyAmount };
}
