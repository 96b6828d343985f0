import { sleep } from '../runtime/time.ts';
import { hasEnded, isProcessNaming } from './process-check.ts';

const POLL_MS = 10;

/**
 * Ends the process, gently, then not; resolves when it and what it held are gone. Leaves one alone whose command line does not name
 * `text`: it is not certainly ours.
 */
export async function stopProcess(pid: number, text: string, gentlyMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isProcessNaming(pid, text)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let waitedMs = 0; waitedMs < gentlyMs && !hasEnded(pid); waitedMs += POLL_MS) {
      await sleep(POLL_MS);
    }
  }
}
