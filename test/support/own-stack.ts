/** Whole stacks in processes of their own, on a folder of the test's, with nothing of the environment's Redis or MongoDB. */
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { MAIN } from './programs.ts';
import { tempDir, type TempDir } from './temp-dir.ts';

type Settings = Readonly<Record<string, string>>;

/** Of a stack on the private chain of its folder: fast blocks, and one signer. */
export const PRIVATE_CHAIN: Settings = {
  EXECUTION: '',
  RPC_URL: '',
  LOCAL_SIGNERS: '1',
  LOCAL_BLOCK_MS: '200',
  CONFIRMATIONS: '1',
};

/** The environment of a process on the folder. @param over settings beside those that keep it to itself */
export function ownEnvironment(dir: TempDir, over: Settings): NodeJS.ProcessEnv {
  return {
    ...process.env,
    MONGODB_URL: '',
    REDIS_URL: '',
    DATA_DIR: dir.path,
    LOG_LEVEL: 'warn',
    ...over,
  };
}

/** Not ready yet. @param over settings beside those that keep it to itself */
export async function startOwnStack(
  dir: TempDir,
  over: Settings,
  command: 'start' | 'api' | 'worker' = 'start',
): Promise<StackProcess> {
  return startStack({
    main: MAIN,
    env: ownEnvironment(dir, over),
    port: await freePort(0),
    command,
    output: openSync(join(dir.path, 'stack.log'), 'a'),
  });
}

/** Several processes on one folder, on its private chain. */
export class OwnStacks {
  readonly dir = tempDir();
  readonly #started: StackProcess[] = [];

  /** Not ready yet. */
  async start(command: 'start' | 'api' | 'worker', over: Settings = {}): Promise<StackProcess> {
    const started = await startOwnStack(this.dir, { ...PRIVATE_CHAIN, ...over }, command);
    this.#started.push(started);
    return started;
  }

  /** The last one that was started ends first. */
  async end(): Promise<void> {
    for (const each of this.#started.splice(0).reverse()) await each.end('SIGTERM');
  }

  async remove(): Promise<void> {
    await this.end();
    this.dir.remove();
  }
}
