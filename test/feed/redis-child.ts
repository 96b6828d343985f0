/** A real redis-server as a child on a unix socket in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.ts';
import { tempDir } from '../support/temp-dir.ts';

export class RedisChild {
  readonly #dir = tempDir();
  readonly path = join(this.#dir.path, 'redis.sock');
  #child: ChildProcess | null = null;

  async start(): Promise<void> {
    const child = spawn(
      'redis-server',
      ['--port', '0', '--unixsocket', this.path, '--save', '', '--dir', this.#dir.path],
      { stdio: 'ignore' },
    );
    this.#child = child;
    let failure: Error | null = null;
    child.once('error', (error) => (failure = error));
    await eventually(
      () => {
        if (failure !== null) throw new Error('redis-server must be on the PATH', { cause: failure });
        return existsSync(this.path);
      },
      (there) => there,
    );
  }

  /** `kill -9`: nobody is told. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Holds it as a cut cable would: connections stay and nothing comes. */
  pause(paused: boolean): void {
    this.#child?.kill(paused ? 'SIGSTOP' : 'SIGCONT');
  }

  async command(...words: [string, ...string[]]): Promise<unknown> {
    const redis = new Redis(this.path);
    try {
      const [name, ...rest] = words;
      return await redis.call(name, ...rest);
    } finally {
      redis.disconnect();
    }
  }

  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    this.#dir.remove();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}
