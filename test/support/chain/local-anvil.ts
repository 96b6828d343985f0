/** A real anvil in its own folder, through the same code that keeps one for a data folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startAnvil, stopAnvil } from '../../../src/embedded/anvil/anvil-child.ts';
import { chainDumps } from '../../../src/embedded/anvil/chain-dumps.ts';
import { choosePort } from '../../../src/embedded/anvil/chain-port.ts';
import { every } from '../../../src/runtime/time.ts';
import { tempDir } from '../temp-dir.ts';

const LOOK_MS = 100;

export class LocalAnvil {
  readonly #dir = tempDir();
  readonly chainDir = join(this.#dir.path, 'chain');
  readonly stateFile = join(this.chainDir, 'state.json');
  readonly #dumps = chainDumps(this.stateFile);
  #stopKeeping: (() => Promise<void>) | null = null;
  /** Further arguments of the next start. */
  moreArgs: readonly string[] = [];
  /** More than any run takes: an audit reads every block. */
  keepTransactionsMs = 4 * 3_600_000;
  #port = 0;
  #pid: number | null = null;

  get rpcUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** On the state that it left, where it ran before. */
  async start(blockTimeMs = 100): Promise<this> {
    mkdirSync(this.chainDir, { recursive: true });
    this.#dumps.restore();
    this.#port = await choosePort(join(this.chainDir, 'port'));
    this.#pid = await startAnvil({
      port: this.#port,
      blockTimeMs,
      stateFile: this.stateFile,
      logFile: join(this.#dir.path, 'anvil.log'),
      onSpawn: (pid) => (this.#pid = pid),
      moreArgs: this.moreArgs,
      keepTransactionsMs: this.keepTransactionsMs,
    });
    this.#stopKeeping = every(
      LOOK_MS,
      () => this.#dumps.backUp(),
      () => undefined,
    );
    return this;
  }

  /** `kill -9`: what was not dumped is lost. */
  async kill(): Promise<void> {
    await this.#stopKeeping?.();
    if (this.#pid !== null) process.kill(this.#pid, 'SIGKILL');
    this.#pid = null;
  }

  async stop(): Promise<void> {
    await this.#stopKeeping?.();
    if (this.#pid !== null) await stopAnvil(this.#pid, this.stateFile);
    this.#pid = null;
  }

  async remove(): Promise<void> {
    await this.stop();
    this.#dir.remove();
  }
}
