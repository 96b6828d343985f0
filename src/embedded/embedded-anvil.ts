/** The chain of a data folder: a private anvil, as one of the servers that are kept there, and where it is the only one. */
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
} from './supervise-servers.ts';
import { findProcessNaming, isProcessNaming } from './process-check.ts';
import { noteInRunFile, readRunFile } from './run-file.ts';

export interface AnvilServer extends SupervisedServer {
  /** Holds the chain's state; what is deployed on it may be noted there, too. */
  readonly chainDir: string;
  /** Where it answers, from when it first did. */
  rpcUrl(): string;
  /** Null while none is noted. */
  pid(): number | null;
}

export interface AnvilSettings {
  readonly blockTimeMs: number;
}

const TROUBLE: Readonly<Partial<Record<Restored, string>>> = {
  'from a copy': 'the last dump of the chain is not whole; one before it is used',
  torn: 'no dump of the chain is whole: transactions of its last block have no receipts',
  lost: 'no dump of the chain can be read; a new chain begins',
};

/** @param folder as the kernel names it: a server is known by the path of its state */
export function anvilServer(folder: string, { blockTimeMs }: AnvilSettings, log: EmbeddedLog): AnvilServer {
  const runFile = runFileOf(folder);
  const chainDir = join(folder, 'chain');
  mkdirSync(chainDir, { recursive: true, mode: 0o700 });
  const portFile = join(chainDir, 'port');
  const dumps = chainDumps(join(chainDir, 'state.json'));
  const noted = () => readRunFile(runFile)?.anvil ?? null;
  let port: number | null = null;

  /** The pid of the folder's server, which may be one that nobody noted. */
  function running(): number | null {
    const pid = noted()?.pid ?? null;
    if (pid !== null && isProcessNaming(pid, dumps.file)) return pid;
    return findProcessNaming(dumps.file);
  }

  async function start(): Promise<void> {
    const restored = dumps.restore();
    const trouble = TROUBLE[restored];
    if (trouble !== undefined) log.warn({ chainDir }, trouble);
    // Who uses the chain knows its address by now: it can move only between two runs.
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
      if (port === null) throw new Error('anvil has not answered yet: its address is not known');
      return `http://127.0.0.1:${port}`;
    },
    async answers() {
      const present = noted();
      if (present === null || !isProcessNaming(present.pid, dumps.file)) return false;
      if (!(await pingAnvil(present.port))) return false;
      port ??= present.port;
      return port === present.port;
    },
    async keep() {
      const present = noted();
      const pid = running();
      if (pid !== null) {
        const listensOn = present?.port ?? readPort(portFile);
        if (listensOn !== null && (await pingAnvil(listensOn))) {
          if (present?.pid !== pid) noteInRunFile(runFile, { anvil: { pid, port: listensOn } });
          port ??= listensOn;
          await dumps.keep();
          return;
        }
        await stopAnvil(pid, dumps.file);
      }
      if (present !== null) log.warn({ anvilPid: present.pid }, 'anvil is gone; starting another');
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
  /** Of the server; null while none is noted. */
  pid(): number | null;
}

export interface EmbeddedAnvilOptions extends AnvilSettings {
  /** Absolute; exists. */
  readonly dataDir: string;
  readonly log: EmbeddedLog;
}

/** @throws UserFault when anvil is not installed */
export async function openEmbeddedAnvil(options: EmbeddedAnvilOptions): Promise<EmbeddedAnvil> {
  const folder = realpathSync(options.dataDir);
  const anvil = anvilServer(folder, options, options.log);
  const { chainDir } = anvil;
  const kept = await superviseServers(folder, [anvil], options.log);
  return { ...kept, rpcUrl: anvil.rpcUrl(), chainDir, pid: () => anvil.pid() };
}
