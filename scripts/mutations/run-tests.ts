/** Runs test files with Jest in a folder, in a process group that can be killed as a whole. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export type Verdict =
  /** At least one test failed, and the run ended by itself. */
  | { readonly kind: 'failed'; readonly titles: readonly string[] }
  | { readonly kind: 'passed' }
  /** No suite could run, for example because the source does not compile. */
  | { readonly kind: 'broken'; readonly why: string }
  /** All tests are skipped: they need a server that this machine does not have. */
  | { readonly kind: 'skipped' }
  /** The run exceeded its time limit. */
  | { readonly kind: 'hung' };

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const running = new Set<ChildProcess>();

/** Kills all running tests. */
export function killTests(): void {
  for (const child of running) killGroup(child);
}

/** @param titles parts of the titles of the tests to run. Empty: the whole file */
export async function runTests(
  folder: string,
  file: string,
  titles: readonly string[],
  withinMs: number,
): Promise<Verdict> {
  const reportFile = join(folder, 'mutation-report.json');
  rmSync(reportFile, { force: true });
  const child = spawn(
    process.execPath,
    [
      '--import',
      './test/support/jest/native/register.mjs',
      'node_modules/jest/bin/jest.js',
      '--runInBand',
      '--json',
      `--outputFile=${reportFile}`,
      ...(titles.length === 0 ? [] : [`--testNamePattern=${titles.join('|')}`]),
      '--runTestsByPath',
      file,
    ],
    { cwd: folder, detached: true, stdio: 'ignore' },
  );
  running.add(child);
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    killGroup(child);
  }, withinMs);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  }).finally(() => {
    clearTimeout(timer);
    running.delete(child);
  });
  // A killed test may have left servers running.
  killGroup(child);
  return late.signal.aborted ? { kind: 'hung' } : verdictOf(reportFile, exitCode);
}

function verdictOf(reportFile: string, exitCode: number | null): Verdict {
  if (!existsSync(reportFile)) return { kind: 'broken', why: 'Jest wrote no report' };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(
    readFileSync(reportFile, 'utf8'),
  ) as Report;
  if (numFailedTests > 0) {
    const results = testResults.flatMap(({ assertionResults }) => assertionResults);
    const titles = results.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    return { kind: 'failed', titles };
  }
  const [failure] = testResults.flatMap(({ message }) => (message === '' ? [] : [message]));
  if (failure !== undefined) return { kind: 'broken', why: failure };
  // test/support/jest/global-teardown.ts ended the process with an error, because handles were left open.
  if (exitCode !== 0)
    return { kind: 'failed', titles: ['(the process did not exit: handles were left open)'] };
  return { kind: numPassedTests === 0 ? 'skipped' : 'passed' };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has already ended.
  }
}
