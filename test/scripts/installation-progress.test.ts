import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from '@jest/globals';
import { showInstallation } from '../../scripts/installation-progress.mjs';
import { eventually } from '../support/eventually.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

let root: TempDir;
let stop = (): void => undefined;

beforeEach(() => {
  root = tempDir();
  const packages = {
    '': { name: 'root' },
    'node_modules/one': {},
    'node_modules/two': {},
    'node_modules/only-elsewhere': { os: ['aix'], optional: true },
  };
  writeFileSync(join(root.path, 'package-lock.json'), JSON.stringify({ packages }));
});
afterEach(() => {
  stop();
  root.remove();
});

function arrives(name: string): void {
  const folder = join(root.path, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
}

test('counts the packages that are there, without those of other platforms, and says when only scripts are left', async () => {
  const lines: string[] = [];
  const lastLine = (): Promise<string> => Promise.resolve(lines.at(-1) ?? '');
  stop = showInstallation(root.path, (line) => lines.push(line), 5);
  await eventually(lastLine, (line) => line.endsWith(': 0 of 2 packages are there'));
  arrives('one');
  await eventually(lastLine, (line) => line.endsWith(': 1 of 2 packages are there'));
  arrives('two');
  await eventually(lastLine, (line) => line.includes('npm runs their scripts'));
});
