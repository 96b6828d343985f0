/** One private anvil on a port of 127.0.0.1, which keeps its chain in a file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sleep } from '../runtime/time.ts';
import { OperatorError } from '../operator-error.ts';
import { findAnvil, instead } from './anvil-binary.ts';
import { stopProcess } from './stop-process.ts';

export const LOCAL_CHAIN_ID = 31_337;

/** Reading the state of a long chain takes its time. */
const ANSWERS_WITHIN_MS = 30_000;
/** One that only lags, over a full block or a dump, is not to be taken for dead and killed. */
const PING_LIMIT_MS = 5_000;
const POLL_MS = 20;
/** It writes its state before it goes. */
const STOPS_WITHIN_MS = 10_000;
const DUMP_EVERY_S = 1;
/**
 * With its traces a swap takes 14 KB of every dump, 200 MB an hour at four a second: what is older is forgotten. Far longer
 * than an order waits for a chain that runs.
 */
const KEEPS_TRANSACTIONS_MS = 15 * 60_000;
/** However long a block takes. */
export const LEAST_BLOCKS_KEPT = 256;

export interface AnvilChildOptions {
  readonly port: number;
  readonly blockTimeMs: number;
  /** Read where it exists, and written once a second and at the end. */
  readonly stateFile: string;
  /** Holds what the present server says, and is quoted when it does not start. */
  readonly logFile: string;
  /** Is told the pid at once: whoever comes after a kill in between must find it. */
  readonly onSpawn: (pid: number) => void;
}

/**
 * Starts a server and resolves with its pid once it answers.
 * @throws UserFault when anvil is not installed or cannot run here; Error when it does not answer
 */
export async function startAnvil(options: AnvilChildOptions): Promise<number> {
  const { port, logFile, onSpawn } = options;
  const output = openSync(logFile, 'w', 0o600);
  const child = spawn(findAnvil(), argumentsFor(options), {
    cwd: dirname(options.stateFile),
    stdio: ['ignore', output, output],
    // A group of its own: Ctrl-C in the terminal is for us, and we still need it while we hand over.
    detached: true,
  });
  closeSync(output);
  child.unref();
  if (child.pid !== undefined) onSpawn(child.pid);
  await answers(child, port, logFile);
  if (child.pid === undefined) throw new Error('anvil has no pid');
  return child.pid;
}

function argumentsFor({ port, blockTimeMs, stateFile }: AnvilChildOptions): string[] {
  return [
    ['--host', '127.0.0.1'],
    ['--port', port],
    ['--chain-id', LOCAL_CHAIN_ID],
    // Mining at once, without a block time, silently drops transactions when senders are concurrent.
    ['--block-time', blockTimeMs / 1_000],
    ['--gas-limit', 500_000_000],
    ['--slots-in-an-epoch', 1],
    ['--transaction-block-keeper', Math.max(LEAST_BLOCKS_KEPT, KEEPS_TRANSACTIONS_MS / blockTimeMs)],
    ['--state', stateFile],
    ['--state-interval', DUMP_EVERY_S],
    ['--cache-path', join(dirname(stateFile), 'cache')],
    ['--quiet'],
  ].flatMap((words) => words.map(String));
}

/** Whether a chain of this id answers there. Which one it is, only its pid tells. */
export async function pingAnvil(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
      signal: AbortSignal.timeout(PING_LIMIT_MS),
    });
    return (await response.text()).includes(`"0x${LOCAL_CHAIN_ID.toString(16)}"`);
  } catch {
    return false;
  }
}

/** Lets it write its state. Leaves a process alone that is not certainly ours. */
export async function stopAnvil(pid: number, stateFile: string): Promise<void> {
  await stopProcess(pid, stateFile, STOPS_WITHIN_MS);
}

async function answers(child: ChildProcess, port: number, logFile: string): Promise<void> {
  let failure: Error | null = null;
  child.once('error', (error) => (failure = error));
  for (let waitedMs = 0; waitedMs < ANSWERS_WITHIN_MS; waitedMs += POLL_MS) {
    if (child.exitCode !== null) {
      throw new OperatorError(
        `anvil ended with ${child.exitCode} before it answered: ${firstLine(logFile)}. ${instead(`See ${logFile}`)}`,
      );
    }
    throwIfAny(failure);
    if (await pingAnvil(port)) return;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error(`anvil did not answer on port ${port} within ${ANSWERS_WITHIN_MS} ms`);
}

function firstLine(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n')[0] ?? '';
}

/** Through a parameter: the compiler believes that a variable which only a callback sets never changes. */
function throwIfAny(failure: Error | null): void {
  if (failure === null) return;
  throw new OperatorError(`anvil cannot be started: ${failure.message}. ${instead('Put that right')}`, {
    cause: failure,
  });
}
