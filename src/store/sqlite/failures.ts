/** What SQLite's errors mean for whoever called the store. */
import { StoreUnavailable } from '../ports.ts';

/** Conditions of the file or its disk. What is not here (a broken constraint, bad SQL) is a defect of one write. */
const UNAVAILABLE = [
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_READONLY',
  'SQLITE_CORRUPT',
  'SQLITE_CANTOPEN',
  'SQLITE_NOTADB',
  'SQLITE_PERM',
  'SQLITE_NOMEM',
  'SQLITE_PROTOCOL',
];

/** Another connection holds the lock: trying again helps. */
export function isLocked(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** The file or its disk is at fault, so that every write would fail as this one did. */
export function isUnavailable(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return UNAVAILABLE.some((known) => code.startsWith(known));
}

/** What was thrown, as a caller of the store is told. */
export function toStoreError(file: string, thrown: unknown): unknown {
  if (!isUnavailable(thrown)) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new StoreUnavailable(`SQLite store ${file}: ${codeOf(thrown)}: ${text}`, { cause: thrown });
}

export function lockedTooLong(file: string, limitMs: number, cause: unknown): StoreUnavailable {
  return new StoreUnavailable(
    `SQLite store ${file}: locked by another process for more than ${limitMs} ms; look for one that is stopped inside a write`,
    { cause },
  );
}

/** By `code`, not by class: the native module keeps the error class of whoever loaded it first. */
function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : '';
}
