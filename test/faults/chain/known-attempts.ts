/** Whose each transaction is, by the ledger and by the journals. */
import type { Address } from 'viem';
import type { Attempt, Lane } from '../../../src/store/ledger.ts';
import type { Store } from '../../../src/store/ports.ts';
import type { AuditedOrder } from './audited-orders.ts';

/** Attempts at a slot that an order may have begun beyond what it has committed. */
const EPOCHS_BEYOND = 1;

/** By hash. */
export async function attemptsOf(
  store: Store,
  lanes: readonly string[],
  orders: readonly AuditedOrder[],
): Promise<ReadonlyMap<string, Attempt>> {
  const found = new Map<string, Attempt>();
  for (const { orderId, epoch: last } of orders) {
    for (let epoch = 1; epoch <= last + EPOCHS_BEYOND; epoch += 1) {
      for (const lane of lanes) {
        for (const attempt of await store.ledger.attempts.of(lane, { orderId, epoch })) {
          found.set(attempt.hash.toLowerCase(), attempt);
        }
      }
    }
  }
  return found;
}

export function laneName(chainId: number, signer: Address): string {
  return `${chainId}:${signer.toLowerCase()}`;
}

/** For people: what holds a lane up. */
export function describeLane({ lane, base, open, halted }: Lane): string {
  const slots = open.map(
    ({ nonce, state, orderId, hashes }) => `${nonce} ${state} ${orderId} ${hashes.length}`,
  );
  const why = halted === null ? '' : `, halted: ${halted.message}`;
  return `${lane}: base ${base}${why}, open: ${slots.join('; ') || 'none'}`;
}
