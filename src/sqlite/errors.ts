/** What SQLite's errors mean: for the write that met one, and for the file. */

/** Conditions of the file or its disk. A code that is not listed (a broken constraint, bad SQL) is a defect of one write. */
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
  const code = sqliteCodeOf(thrown);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

/** The file or its disk is at fault, so that every write would fail as this one did. */
export function isUnavailable(thrown: unknown): boolean {
  const code = sqliteCodeOf(thrown);
  return UNAVAILABLE.some((known) => code.startsWith(known));
}

/**
 * '' for an error that is not SQLite's. By `code` and not by class: the native module keeps the error class of the module
 * registry that loaded it first.
 */
export function sqliteCodeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : '';
}

/** Another process held the lock for longer than it is waited for. */
export class LockTimeout extends Error {
  constructor(file: string, limitMs: number, options: ErrorOptions) {
    super(
      `SQLite file ${file}: locked by another process for more than ${limitMs} ms; look for one that is stopped inside a write`,
      options,
    );
    this.name = 'LockTimeout';
  }
}
