import { sleep } from '../runtime/time.ts';
import { hasEnded, isProcessNaming } from './process-check.ts';

const POLL_MS = 10;

/**
 * Ends the process with SIGTERM, and with SIGKILL after `graceMs`. Resolves when it has ended and released its ports. Does
 * nothing if its command line does not contain `text`, because then it is another process.
 */
export async function stopProcess(pid: number, text: string, graceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isProcessNaming(pid, text)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let waitedMs = 0; waitedMs < graceMs && !hasEnded(pid); waitedMs += POLL_MS) {
      await sleep(POLL_MS);
    }
  }
}
