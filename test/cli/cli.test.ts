/** The command line as a user runs it, over a whole stack with simulated venues. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError, runCli } from '../../src/cli/program.ts';
import { OperatorError } from '../../src/operator-error.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { range } from '../feed/clients.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const WETH = '1000000000000000000';

let dir: TempDir;
let stack: StackProcess;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  dir = tempDir();
  env = {
    ...process.env,
    MONGODB_URL: '',
    REDIS_URL: '',
    RPC_URL: '',
    EXECUTION: 'simulated',
    DATA_DIR: join(dir.path, 'data'),
    LOG_LEVEL: 'silent',
    SIMULATED_FAILURES: '0',
    SIMULATED_LATENCY_MS: '0',
    SIMULATED_BLOCK_MS: '20',
    NO_COLOR: '1',
  };
  stack = startStack({ main: MAIN, env, port: await freePort(0), output: 'ignore' });
  await stack.ready(60_000);
  env = { ...env, FILLSTREAM_URL: stack.url, PORT: new URL(stack.url).port };
});
afterAll(async () => {
  await stack.end('SIGTERM');
  dir.remove();
});

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly errors: string;
}

/** As a process. */
function start(args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [...MAIN, ...args], { env: { ...env, ...more }, cwd: dir.path });
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then((): Ended => ({ exitCode: child.exitCode, out, errors }));
  return { child, ended, out: () => out };
}

/** In this process, without the commands of servers: what a user gets, sooner. */
async function run(...args: readonly string[]): Promise<Ended> {
  let out = '';
  const terminal = {
    isTerminal: false,
    columns: 80,
    noColor: true,
    write: (text: string) => void (out += text),
  };
  const never = (): AbortSignal => new AbortController().signal;
  try {
    const exitCode = await runCli(args, {
      version: '1.2.3',
      serverCommands: [],
      terminal,
      url: stack.url,
      apiKey: undefined,
      interrupted: never,
    });
    return { exitCode, out, errors: '' };
  } catch (thrown) {
    if (thrown instanceof CliError) return { exitCode: thrown.exitCode, out, errors: thrown.message };
    if (thrown instanceof OperatorError) return { exitCode: 2, out, errors: thrown.message };
    throw thrown;
  }
}

const records = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
const orderSchema = z.object({ orderId: z.string() });

async function submit(): Promise<string> {
  const { out } = await run('submit', WETH, 'WETH', 'USDC', '--base-units');
  return orderSchema.parse(records(out)[0]).orderId;
}

describe('orders over the API', () => {
  test('submit with --watch prints each entry as a line of JSON, and exits with 0 once the order is confirmed', async () => {
    const { exitCode, out } = await run(
      'submit',
      WETH,
      'WETH',
      'USDC',
      '--base-units',
      '--watch',
      '--client-order-id',
      'mine',
    );
    const [accepted, ...entries] = records(out);
    expect(accepted).toMatchObject({ created: true });
    const seqs = entries.map((entry) => z.object({ seq: z.number() }).parse(entry).seq);
    expect(seqs).toEqual(range(1, entries.length));
    expect(entries.at(-1)).toMatchObject({ type: 'confirmed' });
    expect(exitCode).toBe(0);
    const listed = await run('list', '--client-order-id', 'mine', '--status', 'confirmed');
    expect(records(listed.out)).toHaveLength(1);
  });

  test('watch exits with 1 for an order that fails, and so it does when the order had ended before', async () => {
    const { out } = await run('submit', WETH, 'WETH', 'USDC', '--base-units', '--min-buy', '9'.repeat(30));
    const { orderId } = orderSchema.parse(records(out)[0]);
    for (const transport of ['sse', 'websocket', 'socket.io']) {
      const watched = await run('watch', orderId, '--transport', transport);
      expect([watched.exitCode, records(watched.out).at(-1)]).toMatchObject([1, { type: 'failed' }]);
      const lastSeq = records(watched.out).length;
      expect(
        (await run('watch', orderId, '--after', String(lastSeq), '--transport', transport)).exitCode,
      ).toBe(1);
    }
  });

  test('show has the order and its timeline, and replay runs it; a changed journal exits with 1', async () => {
    const orderId = await submit();
    await run('watch', orderId);
    const { out } = await run('show', orderId);
    expect(records(out)).toMatchObject([
      { orderId, status: 'confirmed', timeline: { 0: { state: 'pending' } } },
    ]);
    const file = join(dir.path, 'journal.json');
    writeFileSync(file, out);
    expect(await run('replay', file, orderId)).toMatchObject({ exitCode: 0 });
    writeFileSync(file, out.replace('"state":"routing.quoting"', '"state":"routing.selecting"'));
    const changed = await run('replay', file);
    expect(changed.exitCode).toBe(1);
    expect(records(changed.out)).toMatchObject([
      { ok: false, problem: expect.stringContaining('expected routing.selecting') },
    ]);
    expect((await run('replay', '--all')).exitCode).toBe(0);
  });

  test('tail prints the entries of all orders until Ctrl-C, and exits with 130', async () => {
    const tail = start(['tail', '--status', 'confirmed']);
    // The stream begins with what is committed after it: submit until something arrives.
    await eventually(
      async () => {
        await submit();
        return tail.out();
      },
      (text) => text.includes('"type":"confirmed"'),
      20_000,
    );
    tail.child.kill('SIGINT');
    expect((await tail.ended).exitCode).toBe(130);
  });

  test.each([
    [['cancel', 'a'.repeat(32)], 3, 'order_not_found'],
    [['show', 'no-order'], 3, 'invalid_request'],
    [['list', '--url', 'http://127.0.0.1:9'], 4, 'no answer from http://127.0.0.1:9'],
    [['list', '--url', 'nowhere'], 2, 'expected an http:// or https:// address'],
    [['list', '--limit', 'all'], 2, '--limit all: expected a whole number'],
    [['submit', '1', 'WETH', 'USDC'], 2, 'add --base-units'],
    [['submit', '1', 'WETH'], 2, "missing required argument 'buy'"],
    [['watch', 'x', '--transport', 'pigeon'], 2, 'Allowed choices are sse, websocket, socket.io'],
    [['lits'], 2, 'There is no command "lits"'],
  ])('%j exits with %d, and says why', async (args, exitCode, text) => {
    const ended = await run(...args);
    expect(ended.errors).toContain(text);
    expect(ended.exitCode).toBe(exitCode);
  });
});

describe('other commands', () => {
  test('doctor finds a running server, and says what to do about what is missing', async () => {
    const well = await start(['doctor']).ended;
    expect(records(well.out)).not.toContainEqual(expect.objectContaining({ result: 'problem' }));
    expect(well.exitCode).toBe(0);
    const ill = {
      REDIS_URL: 'redis://127.0.0.1:9',
      MONGODB_URL: 'mongodb://127.0.0.1:9',
      MONGODB_TIMEOUT_MS: '300',
    };
    const { exitCode, out } = await start(['doctor'], ill).ended;
    const problems = records(out).filter(
      (each) => z.object({ result: z.string() }).parse(each).result === 'problem',
    );
    expect(problems).toMatchObject([
      { check: 'store', text: expect.stringContaining('MONGODB_URL does not answer') },
      { check: 'redis', text: expect.stringContaining('REDIS_URL does not answer') },
    ]);
    expect(exitCode).toBe(1);
    const unreadable = await start(['doctor'], { PORT: 'x' }).ended;
    expect(records(unreadable.out)).toMatchObject([
      { check: 'settings', text: expect.stringContaining('PORT is "x"') },
    ]);
  });

  test('machine draws every state, and prints the forms of other tools', async () => {
    const { out } = await run('machine');
    for (const state of ['pending', 'quoting', 'assembling', 'confirming', 'cancelled'])
      expect(out).toContain(state);
    expect((await run('machine', '--mermaid')).out).toMatch(/^stateDiagram-v2\n/);
    expect(JSON.parse((await run('machine', '--json')).out)).toMatchObject({ initial: 'pending' });
    expect((await run('machine', '99')).exitCode).toBe(2);
  });

  test('completion for bash is a script that bash takes, and completes commands and options', async () => {
    const { out } = await run('completion', 'bash');
    const ask = (line: string) =>
      `${out}\nCOMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _fillstream; echo "\${COMPREPLY[@]}"`;
    const bash = spawn('bash', ['-c', `${ask('fillstream wat')}\n${ask('fillstream submit --min')}`]);
    let printed = '';
    bash.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await once(bash, 'close');
    expect(printed).toBe('watch\n--min-buy\n');
    expect((await run('completion', 'zsh')).out).toMatch(/^#compdef fillstream\n/);
    expect((await run('completion', 'fish')).out).toContain("-a watch -d 'follow an order");
    expect((await run('completion', 'powershell')).exitCode).toBe(2);
  });

  test('help without a command exits with 0, and that of a command lists its options', async () => {
    expect(await run()).toMatchObject({ exitCode: 0, out: expect.stringContaining('Usage: fillstream') });
    expect(await run('submit', '--help')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('--min-buy'),
    });
    expect((await run('--version')).out).toBe('1.2.3\n');
    const { exitCode, out } = await start(['help']).ended;
    for (const command of ['start', 'demo', 'move', 'resume-signer', 'lift-hold', 'doctor'])
      expect(out).toContain(`  ${command} `);
    expect(exitCode).toBe(0);
    const misspelt = await start(['list', '--limit', 'all']).ended;
    expect(misspelt).toMatchObject({
      exitCode: 2,
      errors: '--limit all: expected a whole number, 1 to 1000000\n',
    });
  });
});
