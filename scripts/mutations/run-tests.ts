/** Runs test files with Jest in a folder, in a process group that can be killed as a whole. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export type Verdict =
  /** At least one test failed, and the run ended by itself. */
  | { readonly kind: 'failed'; readonly titles: readonly string[] }
  | { readonly kind: 'passed' }
  /** No suite could be run: the source does not compile, say. */
  | { readonly kind: 'broken'; readonly why: string }
  /** All tests are skipped here: they need a server that this machine lacks. */
  | { readonly kind: 'skipped' }
  /** The run did not end within its time. */
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

/** Ends the tests that run now, at once. */
export function killTests(): void {
  for (const child of running) killGroup(child);
}

/** @param titles parts of the titles of the tests to run; none: all of the file */
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
      '--disable-warning=ExperimentalWarning',
      '--experimental-vm-modules',
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
  // Servers that a killed test left.
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
  // test/support/global-teardown.ts ends it then, with an error.
  if (exitCode !== 0)
    return { kind: 'failed', titles: ['(what was left open kept the process from ending)'] };
  return { kind: numPassedTests === 0 ? 'skipped' : 'passed' };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}
