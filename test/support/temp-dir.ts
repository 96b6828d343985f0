import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  readonly path: string;
  remove(): void;
}

/** A folder of the test's own. */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'fillstream-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
