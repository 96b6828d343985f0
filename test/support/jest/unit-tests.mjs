/**
 * Finds the tests that start no process, need no service and take seconds: those whose imports reach none of `NOT_IN_UNIT_TESTS`. The model
 * of the signer's ledger explores its states for half a minute, and charts take as long to lay out.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const NOT_IN_UNIT_TESTS = [
  'node:child_process',
  'test/support/mongo/mongo.ts',
  'test/model/ledger-model.ts',
  'scripts/page/layout.ts',
];
const IMPORT = /^(?:import|export)(?! type)[^'";]*? from '([^']+)'|^import '([^']+)'/gm;

/** @returns patterns for Jest's `testMatch` */
export function unitTests(root) {
  const imports = new Map();

  function importsOf(file) {
    const known = imports.get(file);
    if (known !== undefined) return known;
    const found = [...readFileSync(join(root, file), 'utf8').matchAll(IMPORT)].map(([, named, bare]) => {
      const specifier = named ?? bare;
      return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
    });
    imports.set(file, found);
    return found;
  }

  function needsMore(test) {
    const seen = new Set([test]);
    for (const file of seen) {
      if (NOT_IN_UNIT_TESTS.includes(file)) return true;
      if (file.endsWith('.ts')) for (const each of importsOf(file)) seen.add(each);
    }
    return false;
  }

  return readdirSync(join(root, 'test'), { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .filter((test) => !needsMore(test))
    .map((test) => `<rootDir>/${test}`);
}
