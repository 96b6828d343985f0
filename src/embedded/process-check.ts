import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const LONGEST_LIST_BYTES = 64 * 1024 * 1024;

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

/** Null where no process, this one left aside, has a command line that names this text. Looks at all of them. */
export function findProcessNaming(text: string): number | null {
  return allPids().find((pid) => pid !== process.pid && isProcessNaming(pid, text)) ?? null;
}

/**
 * Whether nothing of it is left but its entry in the table. A process that is ending has no command line any more, while it
 * still holds its ports.
 */
export function hasEnded(pid: number): boolean {
  try {
    return /^[ZX]/.test(processState(pid));
  } catch {
    return true;
  }
}

const hasProc = (): boolean => existsSync('/proc/self/cmdline');

function commandLine(pid: number): string {
  if (hasProc()) return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
}

function processState(pid: number): string {
  if (!hasProc()) return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  // After the name, which stands in brackets and may hold anything.
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
}

function allPids(): number[] {
  const names = hasProc()
    ? readdirSync('/proc')
    : execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8', maxBuffer: LONGEST_LIST_BYTES }).split('\n');
  return names
    .map((name) => name.trim())
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
