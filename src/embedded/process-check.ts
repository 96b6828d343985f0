import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Whether this pid runs now and its command line names this text. A pid alone proves nothing: after a kill it may belong to
 * anybody.
 */
export function isProcessNaming(pid: number, text: string): boolean {
  try {
    return commandLine(pid).includes(text);
  } catch {
    return false;
  }
}

function commandLine(pid: number): string {
  if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
}
