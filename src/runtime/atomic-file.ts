import { renameSync, writeFileSync } from 'node:fs';

/** Replaces the file, readable by its owner alone. A reader finds the old text or the new one, also after a crash. */
export function writeFileAtomically(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
