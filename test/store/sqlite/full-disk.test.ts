/** A disk that is full: reads go on, and `check` must not say that all is well. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempDir } from '../../support/temp-dir.ts';

test('a store on a full disk still reads, and fails its check with the file and the reason', () => {
  const dir = tempDir();
  const file = join(dir.path, 'orders.sqlite');
  const said = execFileSync(process.execPath, ['--import', 'tsx', 'test/store/sqlite/check-store.ts', file], {
    encoding: 'utf8',
  });
  expect(said).toMatch(/^reads: null\ncheck: StoreUnavailable: .*orders\.sqlite/);
  dir.remove();
});
