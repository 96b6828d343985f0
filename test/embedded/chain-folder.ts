/** Shared by the suites of the embedded chain: a data folder, and other processes that open it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readGenesisHash } from '../../src/chain/genesis.ts';
import { openLocalClient } from '../../src/chain/local/local-client.ts';
import { openEmbeddedAnvil, type EmbeddedAnvil } from '../../src/embedded/anvil/embedded-anvil.ts';
import { readRunFile } from '../../src/embedded/run-file.ts';
import { eventually } from '../support/eventually.ts';
import { program } from '../support/programs.ts';
import { tempDir } from '../support/temp-dir.ts';
import { Supervisor } from './supervisor.ts';

const openedSchema = z.object({ rpcUrl: z.string(), isOwner: z.boolean() });

export class ChainFolder {
  readonly #dir = tempDir();
  readonly path = this.#dir.path;
  readonly runFile = join(this.path, 'run.json');
  readonly chainDir = join(this.path, 'chain');
  readonly stateFile = join(this.chainDir, 'state.json');
  readonly warnings: string[] = [];
  readonly #opened: EmbeddedAnvil[] = [];
  readonly #supervisors: Supervisor[] = [];

  constructor() {
    mkdirSync(this.chainDir);
  }

  async open(): Promise<EmbeddedAnvil> {
    const log = {
      info: () => undefined,
      warn: (...args: unknown[]) => void this.warnings.push(args.map(String).join(' ')),
    };
    const anvil = await openEmbeddedAnvil({ dataDir: this.path, blockTimeMs: 1_000, log });
    this.#opened.push(anvil);
    return anvil;
  }

  openElsewhere(): Supervisor {
    const supervisor = new Supervisor(program('test/embedded/supervise-anvil.ts'), this.path);
    this.#supervisors.push(supervisor);
    return supervisor;
  }

  async openedElsewhere(): Promise<z.infer<typeof openedSchema> & { readonly supervisor: Supervisor }> {
    const supervisor = this.openElsewhere();
    return { ...openedSchema.parse(await supervisor.firstLine()), supervisor };
  }

  pid(): number {
    const pid = readRunFile(this.runFile)?.anvil?.pid;
    if (pid === undefined) throw new Error('no anvil is noted');
    return pid;
  }

  /** Waits until another anvil than this pid is noted, and a chain answers. */
  async isReplaced(pid: number, rpcUrl: string, withinMs = 5_000): Promise<void> {
    await eventually(
      async () => (readRunFile(this.runFile)?.anvil?.pid ?? pid) !== pid && (await isAnswering(rpcUrl)),
      (replaced) => replaced,
      withinMs,
    );
  }

  /** Leaves no process behind: the last one that opens the folder becomes its owner, and stops the servers. */
  async end(): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.end('SIGKILL')));
    await this.open();
    for (const anvil of this.#opened) await anvil.close();
    this.#dir.remove();
  }
}

/** @throws Error with the node's message */
export async function rpc(rpcUrl: string, method: string, ...params: unknown[]): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = z
    .object({ result: z.unknown(), error: z.object({ message: z.string() }).optional() })
    .parse(await response.json());
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer.result;
}

export async function blockNumber(rpcUrl: string): Promise<number> {
  return Number(await rpc(rpcUrl, 'eth_blockNumber'));
}

export function genesisHash(rpcUrl: string): Promise<string> {
  return readGenesisHash(openLocalClient(rpcUrl));
}

async function isAnswering(rpcUrl: string): Promise<boolean> {
  return rpc(rpcUrl, 'eth_chainId').then(
    () => true,
    () => false,
  );
}
