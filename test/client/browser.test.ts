import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Packages with a build for browsers. */
const PACKAGES = ['socket.io-client', 'zod'];

/** All modules that these import at run time, directly or not. Types are not imported at run time. */
function importsOf(files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...files];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const text = readFileSync(file, 'utf8').replaceAll(/^import type [^;]*;/gm, '');
    for (const [, name = ''] of text.matchAll(/from '([^']+)'/g)) {
      const module = name.startsWith('.') ? join(dirname(file), name) : name;
      if (name.startsWith('.') && !found.has(module)) open.push(module);
      found.add(module);
    }
  }
  return found;
}

test('the client imports nothing that a browser does not have', () => {
  const files = readdirSync('src/client').map((file) => join('src/client', file));
  const imports = [...importsOf(files)];
  expect(imports.filter((name) => !/^(src\/(client|protocol)|machines)\//.test(name)).sort()).toEqual(
    PACKAGES,
  );
});
