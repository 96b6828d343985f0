/** The measured processes: everything in one, or separate apis and workers, with their own data folder. */
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../src/stack-process/start-stack.ts';
import type { BenchArguments, StoreName } from './arguments.ts';
import { ownDatabase, type OwnDatabase } from './own-database.ts';
import { anvilPid, cpuSeconds, peakMegabytes, redisPid, treeCpuSeconds } from './process-cost.ts';

export interface DeploymentOptions extends Pick<
  BenchArguments,
  'workers' | 'apis' | 'storePids' | 'profile'
> {
  readonly store: StoreName;
  /** In addition to those of the benchmarks. By default execution is simulated. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called with the new data folder, before a process starts on it. */
  readonly prepare?: (dataDir: string) => Promise<void>;
}

/**
 * `stack`: everything in one process. `database`: the server's processes, if they are known. `engine`: the server of a peer that runs
 * its workflows.
 */
export type Part = 'stack' | 'api' | 'worker' | 'redis' | 'anvil' | 'database' | 'engine';

/** A figure for each existing part. */
export type OfParts = Partial<Record<Part, number>>;

const READY_WITHIN_MS = 30_000;

/** One process with everything in it, on SQLite. */
export const ONE_PROCESS: DeploymentOptions = {
  store: 'sqlite',
  workers: 0,
  apis: 1,
  storePids: [],
  profile: '',
};

export class BenchDeployment {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'fillstream-bench-'));
  readonly #options: DeploymentOptions;
  readonly #database: OwnDatabase | null;
  readonly #started: { readonly part: 'stack' | 'api' | 'worker'; readonly process: StackProcess }[] = [];

  private constructor(options: DeploymentOptions) {
    this.#options = options;
    this.#database = options.store === 'mongodb' ? ownDatabase(process.env['MONGODB_URL']) : null;
  }

  static async start(options: DeploymentOptions): Promise<BenchDeployment> {
    const deployment = new BenchDeployment(options);
    try {
      await options.prepare?.(deployment.dataDir);
      // One after the other: the first one owns redis-server and creates the collections.
      if (options.workers === 0) await deployment.#start('stack');
      else for (let api = 0; api < options.apis; api += 1) await deployment.#start('api');
      for (let worker = 0; worker < options.workers; worker += 1) await deployment.#start('worker');
      return deployment;
    } catch (thrown) {
      await deployment.end();
      throw thrown;
    }
  }

  /** The addresses of the apis. */
  get urls(): readonly string[] {
    return this.#started.filter(({ part }) => part !== 'worker').map(({ process: { url } }) => url);
  }

  /** Seconds of CPU that each part has used so far. */
  cpuSeconds(): OfParts {
    const { storePids } = this.#options;
    const anvil = anvilPid(this.dataDir);
    return {
      ...this.#ofProcesses((pids) => total(pids.map(cpuSeconds))),
      redis: cpuSeconds(redisPid(this.dataDir)),
      ...(anvil === null ? {} : { anvil: cpuSeconds(anvil) }),
      ...(storePids.length === 0 ? {} : { database: total(storePids.map(treeCpuSeconds)) }),
    };
  }

  /** The peak memory of the largest process of each part. */
  megabytes(): OfParts {
    return {
      ...this.#ofProcesses((pids) => Math.max(...pids.map(peakMegabytes))),
      redis: peakMegabytes(redisPid(this.dataDir)),
    };
  }

  async end(): Promise<void> {
    for (const { process } of this.#started.reverse()) await process.end('SIGTERM');
    await this.#database?.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #start(part: 'stack' | 'api' | 'worker'): Promise<void> {
    const { profile } = this.#options;
    const process = startStack({
      main: [
        ...(profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profile, part)}`]),
        new URL('../src/main.js', import.meta.url).pathname,
      ],
      command: part === 'stack' ? 'start' : part,
      env: this.#environment(),
      port: await freePort(0),
      output: openSync(join(this.dataDir, `${part}.log`), 'a'),
    });
    this.#started.push({ part, process });
    await process.ready(READY_WITHIN_MS);
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      DATA_DIR: this.dataDir,
      MONGODB_URL: this.#database?.url,
      REDIS_URL: undefined,
      FEED_REDIS_URL: undefined,
      QUEUE_REDIS_URLS: undefined,
      LOG_LEVEL: 'warn',
      // Fillstream is measured. A chain would limit the load by its blocks.
      EXECUTION: 'simulated',
      SIMULATED_LATENCY_MS: '0',
      SIMULATED_BLOCK_MS: '0',
      SIMULATED_FAILURES: '0',
      MAX_IN_FLIGHT: '1000000',
      ...this.#options.settings,
    };
  }

  #ofProcesses(figure: (pids: readonly number[]) => number): OfParts {
    const parts = [...new Set(this.#started.map(({ part }) => part))];
    return Object.fromEntries(
      parts.map((part) => [
        part,
        figure(this.#started.filter((each) => each.part === part).map((each) => each.process.child.pid ?? 0)),
      ]),
    );
  }
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
