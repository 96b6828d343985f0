/** Compares the table with the tree: lines, test files and test titles change with the code. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mutation } from './mutation.ts';
import { mutate } from './working-copy.ts';

/** What does not fit, one text for each fault. None: each mutation can be applied, and its test exists. */
export function checkTable(root: string, mutations: readonly Mutation[]): readonly string[] {
  return mutations.flatMap((mutation) => [...checkSource(root, mutation), ...checkTest(root, mutation)]);
}

function checkSource(root: string, mutation: Mutation): readonly string[] {
  const { file, fault } = mutation;
  const path = join(root, file);
  if (!existsSync(path)) return [`${file} does not exist; a mutation needs it: ${fault}`];
  try {
    mutate(readFileSync(path, 'utf8'), mutation);
    return [];
  } catch (thrown) {
    return [thrown instanceof Error ? thrown.message : String(thrown)];
  }
}

function checkTest(root: string, { test, title, fault }: Mutation): readonly string[] {
  const path = join(root, test);
  if (!existsSync(path)) return [`${test} does not exist; a mutation needs it: ${fault}`];
  if (title === undefined || readWithImports(path, new Set()).includes(title)) return [];
  return [`${test} has no test whose title contains "${title}"; a mutation needs it: ${fault}`];
}

/** The text of a test file and of all files that it imports. Contract tests define their tests in such files. */
function readWithImports(path: string, seen: Set<string>): string {
  if (seen.has(path) || !existsSync(path)) return '';
  seen.add(path);
  const source = readFileSync(path, 'utf8');
  const imports = [...source.matchAll(/from '(\.[^']+)'/g)].map(([, name = '']) => name);
  return [source, ...imports.map((name) => readWithImports(join(dirname(path), name), seen))].join('\n');
}
