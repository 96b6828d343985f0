import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const LONGEST_LIST_BYTES = 64 * 1024 * 1024;

/**
 * Whether the process runs and its command line contains the text. A pid alone is not enough, because the system reuses the pids
 * of ended processes.
 */
export function isProcessNaming(pid: number, text: string): boolean {
  try {
    return commandLine(pid).includes(text);
  } catch {
    return false;
  }
}

/** Searches all processes except this one. Null: no command line contains the text. */
export function findProcessNaming(text: string): number | null {
  return allPids().find((pid) => pid !== process.pid && isProcessNaming(pid, text)) ?? null;
}

/**
 * Whether only the entry in the process table is left, or not even that. A process that is still ending has no command line any
 * more, but may still hold its ports.
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
  // The state follows the name, which is in parentheses and may contain any text.
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
