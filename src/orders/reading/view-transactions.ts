import type { StoredContext } from '../../journal/stored-context.ts';
import type { OrderView } from '../../protocol/views.ts';

type TransactionView = OrderView['transactions'][number];
type Transaction = StoredContext['transactions'][number];

/**
 * The swaps that were signed for the order, and what else used its nonces, each with what the chain says of it. Of an order of 0.2
 * only what executed is known.
 */
export function viewTransactions({ transactions, receipts, fill }: StoredContext): TransactionView[] {
  const others = receipts.filter((receipt) => transactions.every(({ hash }) => hash !== receipt.hash));
  const views = [
    ...transactions.map((each) => ({ ...refOf(each), kind: 'swap' as const, ...outcomeOf(each) })),
    ...others.map((each) => ({ ...refOf(each), kind: each.kind, ...outcomeOf(each) })),
  ];
  return views.sort((one, other) => one.epoch - other.epoch);

  function outcomeOf({
    hash,
    epoch,
  }: Transaction): Pick<TransactionView, 'status' | 'block' | 'gasUsed' | 'paid'> {
    const receipt = receipts.find((each) => each.epoch === epoch);
    if (receipt?.hash === hash) {
      const { status, block, gasUsed, paid } = receipt;
      return { status, block, gasUsed, paid };
    }
    if (receipt === undefined && fill?.hash === hash) {
      return { status: 'success', block: fill.block, gasUsed: null, paid: null };
    }
    return { status: receipt === undefined ? null : 'replaced', block: null, gasUsed: null, paid: null };
  }
}

function refOf({ hash, signer, nonce, epoch }: Transaction) {
  return { hash, signer, nonce, epoch };
}
