/** A server process of a peer: its own program, its broker, its database. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { sleep } from '../../src/runtime/time.ts';
import { cpuSeconds, peakMegabytes, treeCpuSeconds } from '../process-cost.ts';
import type { Part } from '../deployment.ts';

export interface Service {
  readonly part: Part;
  /** Of the process and its descendants. */
  cpuSeconds(): number;
  megabytes(): number;
  end(): Promise<void>;
}

export interface ServiceOptions {
  readonly part: Part;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** The user that runs it. Default: this process's. */
  readonly user?: number | undefined;
  /** Where its output goes. */
  readonly logFile: string;
  /** Whether it has child processes that work for it, as Postgres has. */
  readonly hasChildren?: boolean;
  readonly isReady: () => Promise<boolean>;
}

const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;

/** @throws Error when it ends or is not ready in time; its output is in the log file */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { part, command, args, env, user, logFile, hasChildren = false, isReady } = options;
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (): Promise<void> => {
    if (hasEnded()) return;
    const exit = once(child, 'exit');
    // SIGINT: a Postgres that gets SIGTERM waits for its clients.
    child.kill('SIGINT');
    await exit;
  };
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += POLL_MS) {
    if (hasEnded()) {
      throw new Error(
        `${command} ended with ${child.exitCode ?? child.signalCode ?? '?'} before it was ready: see ${logFile}`,
      );
    }
    if (await isReady()) {
      return {
        part,
        cpuSeconds: () => (hasChildren ? treeCpuSeconds(pid) : cpuSeconds(pid)),
        megabytes: () => peakMegabytes(pid),
        end,
      };
    }
    await sleep(POLL_MS);
  }
  await end();
  throw new Error(`${command} was not ready within ${READY_WITHIN_MS} ms: see ${logFile}`);
}

/** Whether an HTTP server answers with 2xx. */
export async function answersOk(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.ok ?? false;
}
