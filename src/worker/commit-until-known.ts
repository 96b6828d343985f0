import { StoreUnavailable, type Commit, type Committed, type OrderStore } from '../store/ports.ts';
import { sleep, type Random } from '../runtime/time.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1_000;

/**
 * Repeats a commit until the store has said what became of it. The commit's id makes the repetition harmless; nothing of
 * the order goes on before the answer.
 * @returns null when `signal` aborts first: then the store may or may not hold it, and whoever restores the order sees which
 * @throws whatever is not StoreUnavailable: a defect
 */
export async function commitUntilKnown(
  orders: Pick<OrderStore, 'commit'>,
  commit: Commit,
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
