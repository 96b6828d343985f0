import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** All modules that these import at run time, directly or not. Types are not imported at run time. */
function importsOf(files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...files];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const text = readFileSync(file, 'utf8').replaceAll(/^(import|export) type [^;]*;/gm, '');
    for (const [, name = ''] of text.matchAll(/from '([^']+)'/g)) {
      const module = name.startsWith('.') ? join(dirname(file), name) : name;
      if (name.startsWith('.') && !found.has(module)) open.push(module);
      found.add(module);
    }
  }
  return found;
}

test('the client imports nothing when it is loaded but its own modules and those that define amounts and states', () => {
  const folders = ['src/client', 'src/client/transports'];
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
  const imports = [...importsOf(files)];
  expect(imports.filter((name) => !name.startsWith('src/client/')).sort()).toEqual([
    'machines/amount.ts',
    'machines/order/state.ts',
  ]);
});
