/**
 * `doctor`: checks what a start needs, by the settings of this process, and says what to do about what is missing. It reads: it creates
 * no data folder, migrates no store and sends no transaction.
 */
import { EXIT } from '../../cli/exit-code.ts';
import { OperatorError } from '../../operator-error.ts';
import { InvalidSettings, readConfig } from '../../settings/config.ts';
import { withTimeout } from '../../runtime/timeout.ts';
import { painter } from '../../terminal/style.ts';
import { Advice, checksFor, type Check } from '../adapters/doctor-checks.ts';

interface Finding {
  readonly check: string;
  /** `warning`: it may be meant so. */
  readonly result: 'ok' | 'warning' | 'problem';
  readonly text: string;
}

const CHECK_LIMIT_MS = 15_000;
const MARKS = { ok: '✓', warning: '!', problem: '✗' } as const;
const STYLES = { ok: 'green', warning: 'yellow', problem: 'red' } as const;

/** @returns the exit code: 1 where something has to be done. @throws OperatorError for its arguments */
export async function runDoctor(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { isTerminal, noColor, print }: DoctorOutput,
): Promise<number> {
  const wrong = args.find((each) => each !== '--json');
  if (wrong !== undefined) throw new OperatorError(`doctor ${wrong}: expected no arguments, or --json`);
  const json = args.includes('--json') || !isTerminal;
  const paint = painter(isTerminal && !noColor);
  const show = ({ check, result, text }: Finding): void => {
    if (json) print(JSON.stringify({ check, result, text }));
    else print(`${paint(STYLES[result], MARKS[result])} ${check.padEnd(12)} ${indented(text)}`);
  };
  const findings: Finding[] = [];
  for (const check of checksOf(env)) {
    const finding = await run(check);
    findings.push(finding);
    show(finding);
  }
  const problems = findings.filter(({ result }) => result === 'problem').length;
  if (!json)
    print(
      problems === 0 ? '\nFillstream can start.' : `\n${problems} to be mended before Fillstream can start.`,
    );
  return problems === 0 ? EXIT.ok : EXIT.negative;
}

export interface DoctorOutput {
  readonly isTerminal: boolean;
  readonly noColor: boolean;
  readonly print: (line: string) => void;
}

/** With settings that cannot be read nothing else can be checked. */
function checksOf(env: Readonly<Record<string, string | undefined>>): readonly Check[] {
  try {
    return checksFor(readConfig(env));
  } catch (error) {
    if (!(error instanceof InvalidSettings)) throw error;
    return [{ name: 'settings', run: () => Promise.reject(error) }];
  }
}

async function run({ name, run: check }: Check): Promise<Finding> {
  try {
    return {
      check: name,
      result: 'ok',
      text: await withTimeout(check(), CHECK_LIMIT_MS, `the check of ${name}`),
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { check: name, result: error instanceof Advice ? 'warning' : 'problem', text };
  }
}

function indented(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(15)}`);
}
