/**
 * `replay`: runs journals through the machines of this release, and reports where one leads to another state than its journal says. For
 * the CI of whoever changes the machine.
 */
import { readFileSync } from 'node:fs';
import { replay, type ReplayedEntry } from '../../../machines/replay.ts';
import { machineRegistry } from '../../../machines/registry.ts';
import { OperatorError } from '../../operator-error.ts';
import { apiCommand, type ApiOptions, type Register } from '../command.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';

interface ReplayArguments extends ApiOptions {
  readonly all?: true;
}

interface Journal {
  readonly name: string;
  readonly entries: readonly ReplayedEntry[];
}

export const registerReplay: Register = (program, run) => {
  apiCommand(
    program,
    'replay [files-or-orders...]',
    "replay journals on this release's machines; exit code 1: one leads elsewhere than it says",
  )
    .option('--all', 'all orders of the API')
    .addHelpText(
      'after',
      '\nA file holds what GET /api/orders/:orderId/transitions or `fillstream show --json` answered; one object, a list, or JSON lines. `-` is standard input.',
    )
    .action((names: readonly string[], options: ReplayArguments) =>
      run(options, (context) => replayAll(context, names, options)),
    );
};

async function replayAll(
  context: Context,
  names: readonly string[],
  { all = false as const }: { readonly all?: boolean },
): Promise<number> {
  const { output } = context;
  if (names.length === 0 && !all) {
    throw new OperatorError('replay: expected files or order ids, or --all');
  }
  let failed = 0;
  let count = 0;
  for await (const { name, entries } of journals(context, names, all)) {
    count += 1;
    const problem = problemOf(entries);
    if (problem !== null) failed += 1;
    if (output.json) output.record({ journal: name, entries: entries.length, ok: problem === null, problem });
    else if (problem !== null) output.line(`${output.paint('red', '✗')} ${name}: ${problem}`);
    else output.status(`${count} replayed`);
  }
  output.status('');
  if (!output.json)
    output.line(
      `${count} journals replayed on machine ${machineRegistry.current}, ${failed} of them lead elsewhere`,
    );
  return failed === 0 ? EXIT.ok : EXIT.negative;
}

function problemOf(entries: readonly ReplayedEntry[]): string | null {
  try {
    replay(machineRegistry, entries);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function* journals(context: Context, names: readonly string[], all: boolean): AsyncGenerator<Journal> {
  const { client, signal } = context;
  for (const name of names) {
    if (/^[a-z2-7]{32}$/.test(name)) yield await journalOf(context, name);
    else yield* readFile(name);
  }
  if (all)
    for await (const { orderId } of client.list({}, { signal })) yield await journalOf(context, orderId);
}

async function journalOf({ client, signal }: Context, orderId: string): Promise<Journal> {
  const entries: ReplayedEntry[] = [];
  for await (const transition of client.transitions(orderId, {}, { signal })) entries.push(transition);
  return { name: orderId, entries };
}

/** @throws OperatorError */
function readFile(name: string): readonly Journal[] {
  try {
    const documents = parseDocuments(readFileSync(name === '-' ? 0 : name, 'utf8'));
    return documents.flatMap((each, index) => {
      const suffix = documents.length === 1 ? '' : ` (${index + 1})`;
      return [{ name: `${name}${suffix}`, entries: entriesOf(each) }];
    });
  } catch (error) {
    throw new OperatorError(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** One document, or one on each line. */
function parseDocuments(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2) throw error;
    return lines.map((line): unknown => JSON.parse(line));
  }
}

/** A list of entries, an answer with `transitions`, or what `show --json` printed. @throws Error */
function entriesOf(document: unknown): readonly ReplayedEntry[] {
  const fields = typeof document === 'object' && document !== null ? document : {};
  const listed = Array.isArray(document)
    ? (document as unknown[])
    : 'transitions' in fields
      ? fields.transitions
      : 'timeline' in fields
        ? fields.timeline
        : null;
  if (!Array.isArray(listed) || listed.length === 0 || !listed.every(isEntry)) {
    throw new Error(
      "expected an order's transitions: a list of {machineVersion, event, state}, or {transitions: […]}",
    );
  }
  return listed;
}

function isEntry(value: unknown): value is ReplayedEntry {
  if (typeof value !== 'object' || value === null) return false;
  return 'machineVersion' in value && 'event' in value && 'state' in value && typeof value.state === 'string';
}
