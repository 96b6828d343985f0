/** A real redis-server as a child on its own TCP port, with any settings; it can die and restart on the same port. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { Redis, type RedisOptions } from 'ioredis';
import { eventually } from '../eventually.ts';
import { tempDir } from '../temp-dir.ts';

export interface RedisProcessOptions {
  /** Lines of its settings file, beside the port. */
  readonly settings?: readonly string[];
  readonly port?: number;
  readonly isSentinel?: boolean;
  /** How a test reaches it; the server itself takes whom its settings let in. */
  readonly access?: Pick<RedisOptions, 'username' | 'password' | 'tls'>;
}

export class RedisProcess {
  readonly port: number;
  readonly #options: RedisProcessOptions;
  readonly #dir = tempDir();
  #child: ChildProcess | null = null;

  constructor(options: RedisProcessOptions & { readonly port: number }) {
    this.port = options.port;
    this.#options = options;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { settings = [], isSentinel = false, access } = this.#options;
    const file = join(this.#dir.path, 'redis.conf');
    const port = access?.tls === undefined ? [`port ${this.port}`] : ['port 0', `tls-port ${this.port}`];
    const common = ['bind 127.0.0.1', `dir ${this.#dir.path}`, ...(isSentinel ? [] : ['save ""'])];
    writeFileSync(file, [...port, ...common, ...settings, ''].join('\n'));
    const args = [file, ...(isSentinel ? ['--sentinel'] : [])];
    this.#child = spawn('redis-server', args, { stdio: 'ignore' });
    this.#child.once('error', () => undefined);
    await eventually(
      () => this.command('PING').catch(() => null),
      (answer) => answer === 'PONG',
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

  async command(name: string, ...words: (string | number)[]): Promise<unknown> {
    const redis = new Redis({
      port: this.port,
      host: '127.0.0.1',
      ...this.#options.access,
      retryStrategy: () => null,
      enableReadyCheck: false,
      disconnectTimeout: 100,
    });
    redis.on('error', () => undefined);
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

/** Ports that were free a moment ago: held all at once, so that no two are the same. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen()));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a TCP port');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<ReturnType<typeof createServer>> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
