#!/usr/bin/env node
/**
 * The command line. It reads the environment, and loads what a command needs when it runs: `fillstream watch` loads no store and no
 * chain.
 */
import { constants } from 'node:os';
import { CliError, runCli, type ServerCommand } from './cli/program.ts';
import { OperatorError } from './operator-error.ts';
import { InvalidSettings, readConfig, type Config } from './settings/config.ts';
import { readEnvFile } from './settings/env-file.ts';
import { releaseVersion } from './settings/release-version.ts';
import { unknownSettings } from './settings/unknown-settings.ts';

const config = (): Config => readConfig(process.env);
const print = (line: string): void => console.log(line);
const noColor = (process.env['NO_COLOR'] ?? '') !== '';

const SERVER_COMMANDS: readonly ServerCommand[] = [
  {
    name: 'start',
    usage: '',
    description: 'everything in one process, on loopback, data in DATA_DIR',
    run: (args) => serve('start', args),
  },
  {
    name: 'api',
    usage: '',
    description: 'takes orders and serves their feeds; any number of them',
    run: (args) => serve('api', args),
  },
  {
    name: 'worker',
    usage: '',
    description: 'runs orders; any number of them',
    run: (args) => serve('worker', args),
  },
  {
    name: 'chain',
    usage: '',
    description: 'a private chain and its market for processes on other folders',
    run: async (args) => {
      const { takesNoArguments } = await import('./app/commands/serve.ts');
      takesNoArguments('chain', args);
      const { runChain } = await import('./app/commands/chain.ts');
      await runChain(config(), print, interruption());
      return 0;
    },
  },
  {
    name: 'demo',
    usage: '[--orders N] [--rate R] [--simulated]',
    description:
      'start, with varied orders flowing and printed live; ends by itself after N orders, else with Ctrl-C',
    run: async (args) => {
      const { runDemoCommand } = await import('./app/commands/demo.ts');
      return runDemoCommand(args, {
        config: config(),
        env: process.env,
        main: [...process.execArgv, process.argv[1] ?? ''],
        coloured: process.stdout.isTTY && !noColor,
        print,
        interrupted: interruptedSignal(),
      });
    },
  },
  {
    name: 'doctor',
    usage: '[--json]',
    description: 'check settings, Redis, store, chain, contracts, signers and ports, and say what to do',
    help: '  --json  one JSON object a line; the default where the output is not a terminal',
    run: async (args) => {
      const { runDoctor } = await import('./app/commands/doctor.ts');
      return runDoctor(args, process.env, { isTerminal: process.stdout.isTTY, noColor, print });
    },
  },
  {
    name: 'move',
    usage: '--from sqlite|mongodb',
    description: 'carry all that is stored from DATA_DIR to MONGODB_URL, or back',
    run: async (args) => {
      const { readMoveArguments, runMove } = await import('./app/commands/move.ts');
      return (await runMove(readMoveArguments(args), config(), print)) ? 0 : 1;
    },
  },
  {
    name: 'resume-signer',
    usage: 'ADDRESS',
    description: 'let a halted signer sign again',
    run: async (args) => {
      if (args.length > 1) throw new OperatorError('resume-signer takes one address');
      await (await import('./app/commands/resume-signer.ts')).runResumeSigner(args[0], config(), print);
      return 0;
    },
  },
  {
    name: 'lift-hold',
    usage: '[ORDER... | --all]',
    description: 'let held orders run again; without arguments, list them',
    run: async (args) => {
      await (await import('./app/commands/lift-hold.ts')).runLiftHold(args, config(), print);
      return 0;
    },
  },
  {
    name: 'keys',
    usage: 'create | list | revoke ID',
    description: 'API keys: with the first one, the server asks for a key',
    help: [
      '  create  prints a new key, once; also while servers run',
      '    --owner <name>  whose orders it submits and reads (default: local)',
      '    --role <role>   watch, submit or operate (default: submit)',
      '    --name <name>   for people, in lists and in the audit log (default: the owner)',
      '    --days <n>      until it ends (default: no end)',
      '  list    prints the keys with their ids, without their secrets',
      '  revoke  ends the key with this id',
    ].join('\n'),
    run: async (args) => {
      await (await import('./app/commands/keys.ts')).runKeys(args, config(), print);
      return 0;
    },
  },
];

async function serve(command: 'start' | 'api' | 'worker', args: readonly string[]): Promise<number> {
  const { runServe, takesNoArguments } = await import('./app/commands/serve.ts');
  takesNoArguments(command, args);
  // The settings first. From then on: an interruption while it starts must not leave its private servers behind.
  const settings = config();
  const code = await runServe(command === 'start' ? 'all' : command, {
    config: settings,
    print,
    interrupted: interruption(),
  });
  // All parts have stopped. A timer of a library may still run: Engine.IO waits 30 s for the last poll of a session that was closed.
  process.exit(code);
}

/** One Ctrl-C may send the signal twice: the terminal does, and a parent process (`tsx watch`). */
const ONE_KEY_PRESS_MS = 300;

/** The first SIGINT, SIGTERM or SIGHUP (the terminal is gone); a second one ends the process at once. */
function interruption(): Promise<string> {
  return new Promise((resolve) => {
    let firstAt = Infinity;
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      firstAt = Math.min(firstAt, now);
      if (now - firstAt > ONE_KEY_PRESS_MS) process.exit(128 + constants.signals[signal]);
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
  });
}

function interruptedSignal(): AbortSignal {
  const controller = new AbortController();
  void interruption().then((signal) => controller.abort(new Error(signal)));
  return controller.signal;
}

// A reader that ends early, as `head` does, wants no more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  // The environment wins over the file.
  const fromFile = readEnvFile('.env');
  for (const warning of unknownSettings(Object.keys(fromFile))) console.error(`.env: ${warning}`);
  for (const [name, value] of Object.entries(fromFile)) process.env[name] ??= value;
  process.exitCode = await runCli(process.argv.slice(2), {
    version: releaseVersion(),
    serverCommands: SERVER_COMMANDS,
    terminal: {
      isTerminal: process.stdout.isTTY,
      columns: process.stdout.columns || 80,
      noColor,
      write: (text) => void process.stdout.write(text),
    },
    url: process.env['FILLSTREAM_URL'],
    apiKey: process.env['FILLSTREAM_API_KEY'],
    interrupted: interruptedSignal,
  });
} catch (thrown) {
  if (!(thrown instanceof OperatorError || thrown instanceof InvalidSettings || thrown instanceof CliError))
    throw thrown;
  console.error(thrown.message);
  process.exitCode = thrown instanceof CliError ? thrown.exitCode : 2;
}
