/** How many orders there are in all, as the server counts them every few seconds while the list is shown. */
import { signal } from '@preact/signals';
import type { OrderCountsView } from '../../src/protocol/views.ts';
import { readCounts } from '../api/answers.ts';

const EVERY_MS = 3_000;

/** Null: not known, and what is loaded is counted. */
export const serverCounts = signal<OrderCountsView | null>(null);

export function startCounting(): () => void {
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const count = async (): Promise<void> => {
    if (!document.hidden) {
      try {
        const counts = await readCounts();
        if (!isStopped) serverCounts.value = counts;
      } catch {
        // The banner says that the server does not answer.
      }
    }
    if (!isStopped) timer = setTimeout(() => void count(), EVERY_MS);
  };
  void count();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
