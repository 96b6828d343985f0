/** The stack, or one role of it, as a process of its own, as a user starts it: what the demo, the benchmarks and the fault suite talk to. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { sleep } from '../runtime/time.ts';

export interface StackOptions {
  /** How to run `main`: arguments of `node` before the command. */
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly port: number;
  /** Everything in one process unless said otherwise. A worker tells of its health on `port`. */
  readonly command?: 'start' | 'api' | 'worker';
  /** Where its output goes; by default where this process's does. */
  readonly output?: 'inherit' | 'ignore' | number;
  /** Whether Ctrl-C in the terminal is for this process alone, which then ends the stack. */
  readonly ownGroup?: boolean;
}

export interface StackProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Resolves when it takes orders. @throws Error when it ends or stays away instead, or the signal aborts */
  ready(withinMs: number, signal?: AbortSignal): Promise<void>;
  /** Sends the signal and resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const POLL_MS = 25;

export function startStack({
  main,
  env,
  port,
  command = 'start',
  output = 'inherit',
  ownGroup = false,
}: StackOptions): StackProcess {
  const child = spawn(process.execPath, [...main, command], {
    env: { ...env, [command === 'worker' ? 'HEALTH_PORT' : 'PORT']: String(port) },
    stdio: ['ignore', output, output],
    detached: ownGroup,
  });
  // Nobody else would end it where this process ends before it has done so.
  const endWithUs = (): void => void child.kill('SIGTERM');
  if (ownGroup) {
    process.once('exit', endWithUs);
    child.once('exit', () => process.off('exit', endWithUs));
  }
  const url = `http://127.0.0.1:${port}`;
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    url,
    child,
    async ready(withinMs, signal) {
      for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_MS) {
        if (isGone())
          throw new Error(
            `the stack ended with ${child.exitCode ?? child.signalCode ?? '?'} before it was ready`,
          );
        const answer = await fetch(`${url}/ready`).catch(() => null);
        await answer?.arrayBuffer();
        if (answer?.status === 200) return;
        await sleep(POLL_MS, signal);
      }
      throw new Error(`the stack at ${url} was not ready within ${withinMs} ms`);
    },
    async end(signal) {
      if (isGone()) return;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
  };
}

/** `wanted` if nothing listens there, else one that the system gives. */
export async function freePort(wanted: number): Promise<number> {
  return (await tryListen(wanted)) ?? (await tryListen(0)) ?? wanted;
}

async function tryListen(port: number): Promise<number | null> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  } catch {
    return null;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
