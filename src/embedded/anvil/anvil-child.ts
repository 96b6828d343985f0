/** A private anvil on a port of 127.0.0.1. It keeps its chain in a file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sleep } from '../../runtime/time.ts';
import { OperatorError } from '../../operator-error.ts';
import { findAnvil, withAlternatives } from './anvil-binary.ts';
import { stopProcess } from '../stop-process.ts';

export const LOCAL_CHAIN_ID = 31_337;

/** Reading the state of a long chain takes a while. */
const READY_WITHIN_MS = 30_000;
/** An anvil that is slow, because of a full block or a dump, must not be taken for dead and killed. */
const PING_TIMEOUT_MS = 5_000;
const POLL_MS = 20;
/** It writes its state before it ends. */
const STOPS_WITHIN_MS = 10_000;
const DUMP_EVERY_S = 1;
/**
 * With its traces a swap takes 14 KB of each dump, 200 MB an hour at four swaps a second. So anvil drops older transactions. An
 * order waits far less than this for a chain that runs.
 */
const KEEP_TRANSACTIONS_MS = 15 * 60_000;
/** Regardless of the block time. */
export const LEAST_BLOCKS_KEPT = 256;

export interface AnvilChildOptions {
  readonly port: number;
  readonly blockTimeMs: number;
  /** Read at the start if it exists; written once a second and at the end. */
  readonly stateFile: string;
  /** Output of the current server. The error of a failed start quotes it. */
  readonly logFile: string;
  /** Called with the pid at once, so that the server is found even if this process is killed before the server answers. */
  readonly onSpawn: (pid: number) => void;
  /** How long transactions can be read; left out: a quarter of an hour. */
  readonly keepTransactionsMs?: number;
  /** Further arguments, for tests of other rules than those of the private chain. */
  readonly moreArgs?: readonly string[];
}

/**
 * Starts a server, and resolves with its pid once it answers.
 * @throws OperatorError when anvil is not installed or cannot run here
 * @throws Error when it does not answer
 */
export async function startAnvil(options: AnvilChildOptions): Promise<number> {
  const { port, logFile, onSpawn } = options;
  const output = openSync(logFile, 'w', 0o600);
  const child = spawn(findAnvil(), argumentsFor(options), {
    cwd: dirname(options.stateFile),
    stdio: ['ignore', output, output],
    // Its own process group: Ctrl-C in the terminal must not end it before this process has released its orders.
    detached: true,
  });
  closeSync(output);
  child.unref();
  if (child.pid !== undefined) onSpawn(child.pid);
  await waitUntilReady(child, port, logFile);
  if (child.pid === undefined) throw new Error('anvil has no pid');
  return child.pid;
}

function argumentsFor({
  port,
  blockTimeMs,
  stateFile,
  keepTransactionsMs = KEEP_TRANSACTIONS_MS,
  moreArgs = [],
}: AnvilChildOptions): string[] {
  return [
    ['--host', '127.0.0.1'],
    ['--port', port],
    ['--chain-id', LOCAL_CHAIN_ID],
    // Without a block time, anvil silently drops transactions of concurrent senders.
    ['--block-time', blockTimeMs / 1_000],
    ['--gas-limit', 500_000_000],
    ['--slots-in-an-epoch', 1],
    ['--transaction-block-keeper', Math.max(LEAST_BLOCKS_KEPT, keepTransactionsMs / blockTimeMs)],
    ['--state', stateFile],
    ['--state-interval', DUMP_EVERY_S],
    ['--cache-path', join(dirname(stateFile), 'cache')],
    ['--quiet'],
    moreArgs,
  ].flatMap((words) => words.map(String));
}

/** Whether a chain with this chain id answers on the port. Only the pid shows which one it is. */
export async function pingAnvil(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
      signal: AbortSignal.timeout(PING_TIMEOUT_MS),
    });
    return (await response.text()).includes(`"0x${LOCAL_CHAIN_ID.toString(16)}"`);
  } catch {
    return false;
  }
}

/** Gives it time to write its state. Does nothing if the pid is not that of this folder's anvil. */
export async function stopAnvil(pid: number, stateFile: string): Promise<void> {
  await stopProcess(pid, stateFile, STOPS_WITHIN_MS);
}

async function waitUntilReady(child: ChildProcess, port: number, logFile: string): Promise<void> {
  let failure: Error | null = null;
  child.once('error', (error) => (failure = error));
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += POLL_MS) {
    if (child.exitCode !== null) {
      throw new OperatorError(
        `anvil ended with ${child.exitCode} before it answered: ${firstLine(logFile)}. ${withAlternatives(`See ${logFile}`)}`,
      );
    }
    throwIfAny(failure);
    if (await pingAnvil(port)) return;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`anvil did not answer on port ${port} within ${READY_WITHIN_MS} ms`);
}

function firstLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n')[0] ?? '';
}

/** A parameter, because the compiler assumes that a variable which is only set in a callback does not change. */
function throwIfAny(failure: Error | null): void {
  if (failure === null) return;
  throw new OperatorError(`anvil cannot be started: ${failure.message}. ${withAlternatives('Fix that')}`, {
    cause: failure,
  });
}
