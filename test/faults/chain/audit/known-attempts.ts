/** Finds the order of each transaction, from the ledger and the journals. */
import type { Address } from 'viem';
import type { Attempt, SignerAccount } from '../../../../src/store/ledger.ts';
import type { Store } from '../../../../src/store/ports.ts';
import type { AuditedOrder } from './audited-orders.ts';

/** An order may have begun this many epochs more than it has committed. */
const EPOCHS_BEYOND = 1;

/** @returns the attempts by hash */
export async function attemptsOf(
  store: Store,
  accounts: readonly string[],
  orders: readonly AuditedOrder[],
): Promise<ReadonlyMap<string, Attempt>> {
  const found = new Map<string, Attempt>();
  for (const { orderId, epoch: last } of orders) {
    for (let epoch = 1; epoch <= last + EPOCHS_BEYOND; epoch += 1) {
      for (const accountId of accounts) {
        for (const attempt of await store.ledger.attempts.of(accountId, { orderId, epoch })) {
          found.set(attempt.hash.toLowerCase(), attempt);
        }
      }
    }
  }
  return found;
}

export function accountName(chainId: number, signer: Address): string {
  return `${chainId}:${signer.toLowerCase()}`;
}

/** For people: the open reservations of an account. */
export function describeAccount({ accountId, base, open, halted }: SignerAccount): string {
  const reservations = open.map(
    ({ nonce, state, orderId, hashes }) => `${nonce} ${state} ${orderId} ${hashes.length}`,
  );
  const why = halted === null ? '' : `, halted: ${halted.message}`;
  return `${accountId}: base ${base}${why}, open: ${reservations.join('; ') || 'none'}`;
}
