/** The chain of a data folder: a private anvil, as one of its supervised servers, or as the only one. */
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { pingAnvil, startAnvil, stopAnvil } from './anvil-child.ts';
import { chainDumps, type Restored } from './chain-dumps.ts';
import { choosePort, readPort } from './chain-port.ts';
import {
  superviseServers,
  runFileOf,
  type EmbeddedLog,
  type SupervisedServer,
  type ServerSupervision,
} from '../supervise-servers.ts';
import { findProcessNaming, isProcessNaming } from '../process-check.ts';
import { noteInRunFile, readRunFile } from '../run-file.ts';

export interface AnvilServer extends SupervisedServer {
  /** The folder of the chain's state. Deployments may be noted there, too. */
  readonly chainDir: string;
  /** @throws Error before the server has answered */
  rpcUrl(): string;
  /** Null: no server is noted. */
  pid(): number | null;
}

export interface AnvilSettings {
  readonly blockTimeMs: number;
}

const WARNINGS: Readonly<Partial<Record<Restored, string>>> = {
  'from a copy': 'the last dump of the chain is not whole: using an older one',
  torn: 'no dump of the chain is whole: transactions of its last block have no receipts',
  lost: 'no dump of the chain can be read: starting a new chain',
};

/** @param folder its real path, because the server is identified by the path of its state */
export function anvilServer(folder: string, { blockTimeMs }: AnvilSettings, log: EmbeddedLog): AnvilServer {
  const runFile = runFileOf(folder);
  const chainDir = join(folder, 'chain');
  mkdirSync(chainDir, { recursive: true, mode: 0o700 });
  const portFile = join(chainDir, 'port');
  const dumps = chainDumps(join(chainDir, 'state.json'));
  const noted = () => readRunFile(runFile)?.anvil ?? null;
  let port: number | null = null;

  /** The pid of the folder's server, even if the run file does not note it. */
  function running(): number | null {
    const pid = noted()?.pid ?? null;
    if (pid !== null && isProcessNaming(pid, dumps.file)) return pid;
    return findProcessNaming(dumps.file);
  }

  async function start(): Promise<void> {
    const restored = dumps.restore();
    const warning = WARNINGS[restored];
    if (warning !== undefined) log.warn({ chainDir }, warning);
    // The chain's users know its address: it changes only between two runs of this process.
    const listensOn = port ?? (await choosePort(portFile));
    const pid = await startAnvil({
      port: listensOn,
      blockTimeMs,
      stateFile: dumps.file,
      logFile: join(folder, 'anvil.log'),
      onSpawn: (spawned) => noteInRunFile(runFile, { anvil: { pid: spawned, port: listensOn } }),
    });
    port = listensOn;
    log.info({ anvilPid: pid, port }, 'anvil runs');
  }

  return {
    name: 'anvil',
    chainDir,
    pid: () => noted()?.pid ?? null,
    rpcUrl() {
      if (port === null) throw new Error('anvil has not answered yet, so its address is not known');
      return `http://127.0.0.1:${port}`;
    },
    async isUp() {
      const present = noted();
      if (present === null || !isProcessNaming(present.pid, dumps.file)) return false;
      if (!(await pingAnvil(present.port))) return false;
      port ??= present.port;
      return port === present.port;
    },
    async ensureUp() {
      const present = noted();
      const pid = running();
      if (pid !== null) {
        const listensOn = present?.port ?? readPort(portFile);
        if (listensOn !== null && (await pingAnvil(listensOn))) {
          if (present?.pid !== pid) noteInRunFile(runFile, { anvil: { pid, port: listensOn } });
          port ??= listensOn;
          await dumps.backUp();
          return;
        }
        await stopAnvil(pid, dumps.file);
      }
      if (present !== null) log.warn({ anvilPid: present.pid }, 'anvil has ended: starting another');
      await start();
    },
    async stop() {
      const pid = running();
      if (pid !== null) await stopAnvil(pid, dumps.file);
    },
  };
}

export interface EmbeddedAnvil extends ServerSupervision {
  readonly rpcUrl: string;
  readonly chainDir: string;
  /** The server's pid. Null: no server is noted. */
  pid(): number | null;
}

export interface EmbeddedAnvilOptions extends AnvilSettings {
  /** Absolute; exists. */
  readonly dataDir: string;
  readonly log: EmbeddedLog;
}

/** @throws OperatorError when anvil is not installed */
export async function openEmbeddedAnvil(options: EmbeddedAnvilOptions): Promise<EmbeddedAnvil> {
  const folder = realpathSync(options.dataDir);
  const anvil = anvilServer(folder, options, options.log);
  const { chainDir } = anvil;
  const supervision = await superviseServers(folder, [anvil], options.log);
  return { ...supervision, rpcUrl: anvil.rpcUrl(), chainDir, pid: () => anvil.pid() };
}
