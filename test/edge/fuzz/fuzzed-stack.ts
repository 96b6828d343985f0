/** A whole stack as a user starts it, in a process of its own that collects garbage and tells its memory when it is asked. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { freePort } from '../../../src/stack-process/free-port.ts';
import { AUDIENCE, JWT_SECRET, tokenFor } from '../../identity/identities.ts';
import { eventually } from '../../support/eventually.ts';
import { ownEnvironment } from '../../support/own-stack.ts';
import { MAIN, ROOT } from '../../support/programs.ts';
import { soon } from '../../support/soon.ts';
import { tempDir } from '../../support/temp-dir.ts';
import type { CREDENTIALS, ORDERS } from './inputs.ts';

const PROBE = join(ROOT, 'test/edge/fuzz/memory-probe.mjs');
const READY_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 20_000;
const ERROR_LEVEL = 50;
/** Longer than any run. */
const TOKEN_SECONDS = 7 * 86_400;

const SETTINGS = {
  EXECUTION: 'simulated',
  // An order stays open for some seconds: as long as the inputs that are drawn together name it.
  SIMULATED_LATENCY_MS: '300',
  RATE_LIMIT: '0',
  JWT_SECRET,
  JWT_AUDIENCE: AUDIENCE,
};

const memorySchema = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number() });
/** Bytes. `heapUsed` and `external` are what JavaScript keeps; `rss` also has what the allocator has not given back. */
export type Memory = z.infer<typeof memorySchema>;

export type Orders = Readonly<Record<(typeof ORDERS)[number], string>>;
export type Credentials = Readonly<Record<(typeof CREDENTIALS)[number], string>>;

export class FuzzedStack {
  readonly port: number;
  readonly credentials: Credentials;
  /** What was logged as an error or printed by Node.js itself, and the end of the process. */
  readonly defects: string[] = [];
  readonly #child: ChildProcess;
  readonly #remove: () => void;
  #isEnding = false;

  private constructor(child: ChildProcess, port: number, credentials: Credentials, remove: () => void) {
    this.#child = child;
    this.port = port;
    this.credentials = credentials;
    this.#remove = remove;
    if (child.stderr !== null)
      createInterface(child.stderr).on('line', (line) => {
        if (isDefect(line)) this.defects.push(line.slice(0, 4_000));
      });
    child.once('exit', (code, signal) => {
      if (!this.#isEnding) this.defects.push(`the server ended with ${code ?? signal ?? '?'}`);
    });
  }

  static async start(): Promise<FuzzedStack> {
    const dir = tempDir();
    const port = await freePort(0);
    const env = ownEnvironment(dir, { ...SETTINGS, PORT: String(port) });
    const credentials = {
      OPERATOR: await createKey(env, 'alice', 'operate'),
      WATCHER: await createKey(env, 'bob', 'watch'),
      TOKEN: await tokenFor('bob', { role: 'submit', expiresIn: TOKEN_SECONDS }),
    };
    const child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, ...MAIN, 'start'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const stack = new FuzzedStack(child, port, credentials, () => dir.remove());
    try {
      await eventually(() => stack.#isReady(), Boolean, READY_WITHIN_MS);
      return stack;
    } catch (thrown) {
      await stack.end();
      throw new Error(`the stack did not start: ${stack.defects.join('\n')}`, { cause: thrown });
    }
  }

  /** After a collection of garbage. */
  async memory(): Promise<Memory> {
    const answer = new Promise<unknown>((resolve) => this.#child.once('message', resolve));
    this.#child.send('memory');
    return memorySchema.parse(await soon('the memory of the server', answer, 30_000));
  }

  /** New orders, of the operator's owner and of another one. */
  async submitOrders(): Promise<Orders> {
    const { OPERATOR, TOKEN } = this.credentials;
    return { 'OWN-ORDER': await this.#submit(OPERATOR), 'FOREIGN-ORDER': await this.#submit(TOKEN) };
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await soon('the end of the server', gone, ENDS_WITHIN_MS).catch((thrown: unknown) => {
        this.defects.push(String(thrown));
        child.kill('SIGKILL');
      });
    }
    this.#remove();
  }

  async #isReady(): Promise<boolean> {
    if (this.defects.length > 0) throw new Error('it logged an error');
    const answer = await fetch(`http://127.0.0.1:${this.port}/ready`).catch(() => null);
    await answer?.arrayBuffer();
    return answer?.status === 200;
  }

  async #submit(credentials: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/orders/execute`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credentials}` },
      body: JSON.stringify({ sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000' }),
    });
    return z.object({ orderId: z.string() }).parse(await answer.json()).orderId;
  }
}

async function createKey(env: NodeJS.ProcessEnv, owner: string, role: string): Promise<string> {
  const args = [...MAIN, 'keys', 'create', '--owner', owner, '--role', role];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const key = /^fs_\S+$/m.exec(stdout)?.[0];
  if (key === undefined) throw new Error(`keys create printed no key: ${stdout}`);
  return key;
}

/** A line that is no entry of the log was printed by Node.js: a warning, or what ended the process. */
function isDefect(line: string): boolean {
  try {
    return z.object({ level: z.number() }).parse(JSON.parse(line)).level >= ERROR_LEVEL;
  } catch {
    return line.trim() !== '';
  }
}
