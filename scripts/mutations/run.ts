/**
 * Breaks the source in one way at a time, in a copy of the tree, and runs the test that must fail then:
 *
 *     npm run mutations                     all of the table
 *     npm run mutations -- src/worker claim  those whose file, fault or test has each of these words
 *     npm run mutations -- --check          only whether the table's lines are still in the source
 *
 * Ends with 1 when a mutation survives, when its test hangs, or when the table does not fit the source. Mutations whose test needs
 * a server that is not there are skipped, and say so.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutation.ts';
import { killTests, runTests, type Verdict } from './run-tests.ts';
import { MUTATIONS } from './table/table.ts';
import { copyTree, mutate } from './working-copy.ts';

/** A test file takes a few seconds; one whose awaits are bounded ends within this, also when each of its tests fails. */
const WITHIN_MS = 180_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2);
const isCheck = words.includes('--check');
const wanted = words.filter((word) => word !== '--check');
const mutations = MUTATIONS.filter((mutation) => wanted.every((word) => textOf(mutation).includes(word)));

function textOf({ file, fault, test }: Mutation): string {
  return `${file} ${fault} ${test}`;
}

/** Those that no longer fit the source. */
function misfits(): readonly string[] {
  return mutations.flatMap((mutation) => {
    try {
      mutate(readFileSync(join(root, mutation.file), 'utf8'), mutation);
      readFileSync(join(root, mutation.test));
      return [];
    } catch (thrown) {
      return [thrown instanceof Error ? thrown.message : String(thrown)];
    }
  });
}

function print(verdict: string, seconds: string, mutation: Mutation): void {
  const { promise, file, fault } = mutation;
  console.log(`${verdict.padEnd(8)} ${seconds.padStart(6)}  ${`#${promise}`.padEnd(3)} ${file}: ${fault}`);
}

const WORDS: Readonly<Record<Verdict['kind'], string>> = {
  failed: 'killed',
  passed: 'SURVIVED',
  broken: 'BROKEN',
  skipped: 'skipped',
  hung: 'HUNG',
};

async function runAll(): Promise<boolean> {
  const copy = copyTree(root);
  const end = (signal: NodeJS.Signals): void => {
    killTests();
    copy.remove();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const skipped = new Set<string>();
    for (const file of new Set(mutations.map(({ test }) => test))) {
      const titles = mutations.filter(({ test }) => test === file).map(({ title }) => title);
      const verdict = await runTests(copy.path, file, allOrNone(titles), WITHIN_MS);
      if (verdict.kind === 'skipped') skipped.add(file);
      else if (verdict.kind !== 'passed') {
        console.log(`${file} must pass before anything is mutated: ${explain(verdict)}`);
        return false;
      }
    }
    const counts = { failed: 0, passed: 0, broken: 0, hung: 0, skipped: 0 };
    for (const mutation of mutations) {
      const begun = performance.now();
      const verdict: Verdict = skipped.has(mutation.test)
        ? { kind: 'skipped' }
        : await copy.mutated(mutation, () =>
            runTests(copy.path, mutation.test, allOrNone([mutation.title]), WITHIN_MS),
          );
      counts[verdict.kind] += 1;
      print(WORDS[verdict.kind], `${((performance.now() - begun) / 1_000).toFixed(1)} s`, mutation);
      console.log(`${' '.repeat(21)}${mutation.test}: ${explain(verdict)}`);
    }
    console.log(
      `${counts.failed} of ${mutations.length} mutations killed, ${counts.passed} survived, ${counts.hung} hung, ${counts.broken} broken, ${counts.skipped} skipped`,
    );
    return counts.failed + counts.skipped === mutations.length;
  } finally {
    copy.remove();
  }
}

/** None where one of them is missing: then the whole file is wanted. */
function allOrNone(titles: readonly (string | undefined)[]): readonly string[] {
  const known = titles.filter((title) => title !== undefined);
  return known.length === titles.length ? known : [];
}

function explain(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'failed':
      return verdict.titles.join(`\n${' '.repeat(21)}`);
    case 'passed':
      return 'passes';
    case 'broken':
      return verdict.why;
    case 'skipped':
      return 'is skipped here, because it needs a server (MONGODB_URL)';
    case 'hung':
      return `did not end within ${WITHIN_MS / 1_000} s`;
  }
}

const errors = misfits();
for (const error of errors) console.error(error);
if (errors.length === 0 && !isCheck) process.exitCode = (await runAll()) ? 0 : 1;
else process.exitCode = errors.length === 0 ? 0 : 1;
