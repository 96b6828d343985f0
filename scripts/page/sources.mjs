/** What the built page follows from. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const FOLDERS = ['page', 'machines', 'src/charts', 'src/protocol', 'scripts/page'];
const FILES = ['package-lock.json'];

/** @param {string} root the folder of package.json */
export function digestOfPageSources(root) {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !file.startsWith(join(root, 'page', 'dist'))),
  );
  const hash = createHash('sha256');
  for (const file of [...FILES.map((name) => join(root, name)), ...sources.sort()]) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}
