/** The command line: reads the settings, runs the command, and prints what is wrong with either. */
import { constants } from 'node:os';
import { join } from 'node:path';
import { serveChain } from './app/commands/chain.ts';
import { openChainAudit, openSimulatedAudit } from './app/commands/demo-audit.ts';
import { startFillstream, type Role } from './app/fillstream.ts';
import { runLiftHold } from './app/commands/lift-hold.ts';
import { runMove, STORE_KINDS } from './app/commands/move.ts';
import { runResumeSigner } from './app/commands/resume-signer.ts';
import { InvalidSettings, readConfig } from './settings/config.ts';
import { unknownSettings } from './settings/unknown-settings.ts';
import { readEnvFile } from './settings/env-file.ts';
import { readDemoArguments } from './demo/arguments.ts';
import { runDemo } from './demo/demo.ts';
import { OperatorError } from './operator-error.ts';

const USAGE = `Fillstream: swap orders, executed exactly once, watched live without a gap.

  start                     everything in one process, on loopback, data in DATA_DIR
  api                       takes orders and serves their feeds; any number of them
  worker                    runs orders; any number of them
  chain                     a private chain and its market for processes on other folders
  demo [--orders N] [--rate R] [--simulated]
                            the same, with varied orders flowing and printed live;
                            ends by itself after N orders, else with Ctrl-C
  move --from sqlite|mongodb
                            carries all that is stored from DATA_DIR to MONGODB_URL, or back
  resume-signer ADDRESS     lets a halted signer sign again
  lift-hold [ORDER... | --all]
                            lets held orders run again; without arguments, lists them

Orders are swapped on a private chain, unless RPC_URL names another or EXECUTION=simulated swaps nothing.
Settings are environment variables, also from a file .env: see docs/reference/settings.md.`;

/** @returns the exit code */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'start':
    case 'api':
    case 'worker':
      if (rest.length > 0) throw new OperatorError(`${command} takes no arguments: got ${rest.join(' ')}`);
      return serve(command === 'start' ? 'all' : command);
    case 'chain':
      if (rest.length > 0) throw new OperatorError(`chain takes no arguments: got ${rest.join(' ')}`);
      return chain();
    case 'demo':
      return demo(rest);
    case 'move':
      return move(rest);
    case 'resume-signer':
      if (rest.length > 1) throw new OperatorError('resume-signer takes one address');
      await runResumeSigner(rest[0], readConfig(process.env), (line) => console.log(line));
      return 0;
    case 'lift-hold':
      await runLiftHold(rest, readConfig(process.env), (line) => console.log(line));
      return 0;
    case undefined:
    case 'help':
    case '--help':
      console.log(USAGE);
      return 0;
    default:
      throw new OperatorError(`There is no command "${command}"\n\n${USAGE}`);
  }
}

async function serve(role: Role): Promise<number> {
  const config = readConfig(process.env);
  // From now on: an interruption while it starts must not leave its private servers behind.
  const interrupted = interruption();
  const running = await startFillstream(config, role, { interrupted });
  if (running === null) return 0;
  const page = role === 'worker' ? null : (config.PUBLIC_URL ?? running.url);
  if (page !== null) console.log(`See it at ${page}/`);
  const does = role === 'worker' ? 'runs orders' : 'takes orders';
  console.log(`Fillstream ${does}${running.url === null ? '' : ` at ${running.url}`}`);
  for (const [what, which] of Object.entries(running.uses)) console.log(`  ${what.padEnd(6)} ${which}`);
  console.log('  stop   Ctrl-C');
  const signal = await interrupted;
  console.log(`${signal}: handing over and stopping`);
  await running.close();
  return 0;
}

async function chain(): Promise<number> {
  const interrupted = interruption();
  const served = await serveChain(readConfig(process.env));
  console.log(`A private chain listens on port ${served.port}`);
  console.log(`  CHAIN_FILE        ${served.chainFile}`);
  console.log(`  SIGNER_KEYS_FILE  ${served.keysFile}`);
  await interrupted;
  await served.close();
  return 0;
}

async function demo(args: readonly string[]): Promise<number> {
  const { simulated, ...flow } = readDemoArguments(args);
  const config = readConfig(process.env);
  const isSimulated = simulated || config.EXECUTION === 'simulated';
  if (!isSimulated && config.RPC_URL !== undefined) {
    throw new OperatorError(
      'RPC_URL is set, and the demo would spend what its signers have there: unset it to use a private chain, or run the demo with --simulated',
    );
  }
  // Another folder, because a simulated chain cannot finish what was signed for a real one, nor the reverse.
  const dataDir = simulated ? join(config.DATA_DIR, 'simulated') : config.DATA_DIR;
  const interrupted = new AbortController();
  void interruption().then(() => interrupted.abort());
  const entry = process.argv[1] ?? '';
  const ok = await runDemo(flow, {
    main: [...process.execArgv, entry],
    env: { ...process.env, DATA_DIR: dataDir, EXECUTION: isSimulated ? 'simulated' : 'chain' },
    wantedPort: config.PORT,
    coloured: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    print: (line) => console.log(line),
    interrupted: interrupted.signal,
    announcement: isSimulated
      ? 'Starting Fillstream with simulated venues and a simulated chain: nothing is really swapped …'
      : 'Starting Fillstream with a private chain (anvil), and Uniswap V2 and V3 on it: every swap is real, the money is not …',
    openAudit: (url) =>
      isSimulated ? Promise.resolve(openSimulatedAudit(dataDir)) : openChainAudit(dataDir, url),
  });
  return ok ? 0 : 1;
}

/** One Ctrl-C may send the signal twice: the terminal does, and a parent process (`tsx watch`). */
const ONE_KEY_PRESS_MS = 300;

async function move(args: readonly string[]): Promise<number> {
  const [option, kind, ...rest] = args;
  const from = STORE_KINDS.find((each) => each === kind);
  if (option !== '--from' || from === undefined || rest.length > 0) {
    throw new OperatorError(`move ${args.join(' ')}: expected move --from sqlite, or move --from mongodb`);
  }
  return (await runMove(from, readConfig(process.env), (line) => console.log(line))) ? 0 : 1;
}

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

try {
  // The environment wins over the file.
  const fromFile = readEnvFile('.env');
  for (const warning of unknownSettings(Object.keys(fromFile))) console.error(`.env: ${warning}`);
  for (const [name, value] of Object.entries(fromFile)) process.env[name] ??= value;
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  if (!(thrown instanceof OperatorError || thrown instanceof InvalidSettings)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 2;
}
