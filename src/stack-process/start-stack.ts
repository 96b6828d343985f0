/** Starts Fillstream, or one role of it, as a child process, as a user would. For the demo, the benchmarks and the tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { sleep } from '../runtime/time.ts';

export interface StackOptions {
  /** The arguments of `node` before the command: how to run `main`. */
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly port: number;
  /** Default: `start`, everything in one process. A worker serves its health on `port`. */
  readonly command?: 'start' | 'api' | 'worker';
  /** Where its output goes. Default: to this process's output. */
  readonly output?: 'inherit' | 'ignore' | number;
  /** Whether it runs in its own process group: Ctrl-C in the terminal then reaches this process only, which ends the stack. */
  readonly ownGroup?: boolean;
}

export interface StackProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Resolves when it is ready. @throws Error when it ends, is not ready in time, or the signal aborts */
  ready(withinMs: number, signal?: AbortSignal): Promise<void>;
  /** Sends the signal, and resolves when the process has ended. */
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
  // The terminal does not end a process of another group, so this process does when it exits early.
  const endChild = (): void => void child.kill('SIGTERM');
  if (ownGroup) {
    process.once('exit', endChild);
    child.once('exit', () => process.off('exit', endChild));
  }
  const url = `http://127.0.0.1:${port}`;
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    url,
    child,
    async ready(withinMs, signal) {
      for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_MS) {
        if (hasEnded())
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
      if (hasEnded()) return;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
  };
}
