import {
  StoreUnavailable,
  type Commit,
  type Committed,
  type DeferredCommit,
  type OrderStore,
} from '../store/ports.ts';
import { sleep, type Random } from '../runtime/time.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;

/**
 * Repeats a commit until the store answers it. The commit's id makes repetitions harmless. The order does not continue before
 * the answer.
 * @returns null when `signal` aborts first: the store may or may not have the commit; the next claim of the order shows it
 * @throws all errors except StoreUnavailable: they are defects
 */
export async function commitWithRetry(
  orders: Pick<OrderStore, 'commit'>,
  commit: Commit | DeferredCommit,
  { random, signal }: { readonly random: Random; readonly signal: AbortSignal },
): Promise<Committed | null> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
    try {
      return await orders.commit(commit);
    } catch (thrown) {
      if (!(thrown instanceof StoreUnavailable)) throw thrown;
      if (signal.aborted) return null;
      await sleep(delayMs / 2 + (random() * delayMs) / 2, signal).catch(() => undefined);
    }
  }
}
