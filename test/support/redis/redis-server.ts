/** A real redis-server as a child on a unix socket in its own folder; it can die and restart at the same path. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { pingRedis } from '../../../src/embedded/redis/redis-child.ts';
import { eventually } from '../eventually.ts';
import { tempDir } from '../temp-dir.ts';

export class RedisServer {
  readonly #dir = tempDir();
  readonly path = join(this.#dir.path, 'redis.sock');
  #child: ChildProcess | null = null;

  async start(): Promise<void> {
    const args = ['--port', '0', '--unixsocket', this.path, '--save', '', '--dir', this.#dir.path];
    this.#child = spawn('redis-server', args, { stdio: 'ignore' });
    this.#child.once('error', () => undefined);
    await eventually(
      () => pingRedis(this.path),
      (answers) => answers,
    );
  }

  /** `kill -9`: clients get no notice. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Holds it as a cut cable would: connections stay and nothing comes. */
  pause(paused: boolean): void {
    this.#child?.kill(paused ? 'SIGSTOP' : 'SIGCONT');
  }

  async command(name: string, ...words: string[]): Promise<unknown> {
    const redis = new Redis(this.path);
    try {
      return await redis.call(name, ...words);
    } finally {
      redis.disconnect();
    }
  }

  async remove(): Promise<void> {
    await this.kill();
    this.#dir.remove();
  }
}
