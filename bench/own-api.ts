/** One api without a worker, in its own folder on SQLite: its orders stay as they were submitted. */
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../src/stack-process/start-stack.ts';

export const MAIN = new URL('../src/main.js', import.meta.url).pathname;

export class OwnApi {
  /** For commands on the same folder. */
  readonly env: NodeJS.ProcessEnv;
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'fillstream-bench-'));
  #api: StackProcess | null = null;

  constructor(settings: NodeJS.ProcessEnv = {}) {
    this.env = {
      ...process.env,
      DATA_DIR: this.#dataDir,
      MONGODB_URL: undefined,
      REDIS_URL: undefined,
      EXECUTION: 'simulated',
      LOG_LEVEL: 'warn',
      ...settings,
    };
  }

  /** Resolves once it takes orders. */
  async start(): Promise<StackProcess> {
    this.#api = startStack({
      main: [MAIN],
      command: 'api',
      env: this.env,
      port: await freePort(0),
      output: openSync(join(this.#dataDir, 'api.log'), 'a'),
    });
    await this.#api.ready(60_000);
    return this.#api;
  }

  async end(): Promise<void> {
    await this.#api?.end('SIGTERM');
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}
