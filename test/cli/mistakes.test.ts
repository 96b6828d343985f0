/** What the command line says of commands that cannot be run as they were typed: what, which, and what was expected. */
import { describe, expect, test } from '@jest/globals';
import { runKeys } from '../../src/app/commands/keys.ts';
import { readMoveArguments } from '../../src/app/commands/move.ts';
import { runResumeSigner } from '../../src/app/commands/resume-signer.ts';
import { describeError } from '../../src/cli/exit-code.ts';
import { CliError, runCli, type ServerCommand } from '../../src/cli/program.ts';
import { ApiError } from '../../src/client/index.ts';
import { OperatorError } from '../../src/operator-error.ts';
import { readConfig } from '../../src/settings/config.ts';
import { freePort } from '../../src/stack-process/free-port.ts';

const START: ServerCommand = {
  name: 'start',
  usage: '',
  description: 'starts',
  run: () => Promise.resolve(0),
};
const KEYS: ServerCommand = { ...START, name: 'keys', usage: 'create', help: '  create  prints a new key' };

interface Said {
  readonly exitCode: number;
  readonly text: string;
}

async function run(...args: readonly string[]): Promise<Said> {
  let out = '';
  try {
    const exitCode = await runCli(args, {
      version: '1.2.3',
      serverCommands: [START, KEYS],
      terminal: { isTerminal: false, columns: 80, noColor: true, write: (text) => void (out += text) },
      url: undefined,
      apiKey: undefined,
      interrupted: () => new AbortController().signal,
    });
    return { exitCode, text: out };
  } catch (thrown) {
    if (thrown instanceof CliError) return { exitCode: thrown.exitCode, text: thrown.message };
    if (thrown instanceof OperatorError) return { exitCode: 2, text: thrown.message };
    throw thrown;
  }
}

describe('a command that was mistyped', () => {
  test.each([
    [
      ['submit', '1', 'WETH'],
      "missing required argument 'buy': expected fillstream submit [options] <amount> <sell> <buy>; fillstream help submit explains it",
    ],
    [
      ['list', '--nope'],
      "unknown option '--nope': expected fillstream list [options]; fillstream help list explains it",
    ],
    [['list', '--url', 'nonsense'], 'url: expected an http:// or https:// address, got "nonsense"'],
    [['list', '--limit', '0'], '--limit 0: expected a whole number, 1 to 1000000'],
    [['completion', 'tcsh'], 'completion tcsh: expected bash, zsh, fish'],
    [['lsit'], 'There is no command "lsit"'],
  ])('%j exits with 2 and says what was expected', async (args, expected) => {
    const { exitCode, text } = await run(...args);
    expect([exitCode, text]).toEqual([2, expect.stringContaining(expected)]);
  });

  test('names the option that was meant', async () => {
    expect((await run('list', '--limti', '5')).text).toContain('(Did you mean --limit?)');
  });

  test('exits with 4 where nothing listens, and says where it asked', async () => {
    const url = `http://127.0.0.1:${await freePort(0)}`;
    const { exitCode, text } = await run('list', '--url', url);
    expect([exitCode, text]).toEqual([4, expect.stringContaining(`no answer from ${url}/api/orders`)]);
  }, 20_000);
});

test('a refused key is reported with the place that it is read from', () => {
  const refused = new ApiError(401, 'unauthorized', 'The API key is not valid');
  expect(describeError(refused)).toMatch(/^unauthorized: The API key is not valid\n .*FILLSTREAM_API_KEY/);
  expect(describeError(new ApiError(403, 'forbidden', 'no'))).toBe('forbidden: no');
});

describe('the help of a command of the server', () => {
  test('names no arguments where it takes none', async () => {
    expect((await run('help', 'start')).text).toMatch(/^Usage: fillstream start\n/);
  });

  test('explains the arguments that it takes', async () => {
    expect((await run('help', 'keys')).text).toContain('create  prints a new key');
  });
});

test.each([
  ['keys', () => runKeys([], readConfig({}), () => undefined)],
  ['move', () => Promise.resolve().then(() => readMoveArguments([]))],
  ['resume-signer', () => runResumeSigner(undefined, readConfig({}), () => undefined)],
])('%s without arguments says what it expects', async (name, act) => {
  await expect(act()).rejects.toThrow(new RegExp(`^${name}: expected `));
});
