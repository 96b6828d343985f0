/** One api and four workers on one store. They reach the test's chain through a proxy that fails. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createConnection } from 'mongoose';
import { dataFiles } from '../../../src/settings/data-dir.ts';
import { freePort } from '../../../src/stack-process/free-port.ts';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../../src/store/ports.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { redisServer, type KillableServer } from '../../support/killable-server.ts';
import { RoleProcess, type Death } from '../role-process.ts';
import { DisturbedRpc } from './disturbed-rpc.ts';
import { HarnessChain, type ChainRules } from './harness-chain.ts';

export interface ChainPlan {
  readonly dataDir: string;
  /** A MongoDB server, on which the run uses its own database. Null: SQLite. */
  readonly mongoUrl: string | null;
  readonly confirmations: number;
  /** Arguments of `node` before the role. */
  readonly main: readonly string[];
  readonly random: () => number;
  /** `CRASH_AT` for the next start of a worker, or null. */
  readonly nextCrashPoint: () => string | null;
  readonly onDeath: (death: Death) => void;
  /** Left out: the usual chain, without rules of its own. */
  readonly setting?: ChainSetting;
}

/** A chain of other rules, and what stands between it and the workers. */
export interface ChainSetting {
  readonly rules: ChainRules;
  /** Opens the endpoints before a node. The first is disturbed by the run, the others are reached as they are. */
  readonly endpoints: (nodeUrl: string) => Promise<Endpoints>;
  readonly workers: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface Endpoints {
  readonly urls: readonly string[];
  readonly counts: () => Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
}

const WORKERS = 4;
const READY_MS = 60_000;

export class ChainDeployment {
  readonly store: Store;
  readonly chain: HarnessChain;
  readonly rpc: DisturbedRpc;
  readonly api: RoleProcess;
  readonly workers: readonly RoleProcess[];
  readonly endpoints: Endpoints;
  readonly #redis: KillableServer;
  readonly #dropDatabase: () => Promise<void>;

  private constructor(
    parts: {
      readonly store: Store;
      readonly chain: HarnessChain;
      readonly rpc: DisturbedRpc;
      readonly endpoints: Endpoints;
    },
    processes: { readonly api: RoleProcess; readonly workers: readonly RoleProcess[] },
    redis: KillableServer,
    dropDatabase: () => Promise<void>,
  ) {
    this.store = parts.store;
    this.chain = parts.chain;
    this.rpc = parts.rpc;
    this.endpoints = parts.endpoints;
    this.api = processes.api;
    this.workers = processes.workers;
    this.#redis = redis;
    this.#dropDatabase = dropDatabase;
  }

  static async start(plan: ChainPlan): Promise<ChainDeployment> {
    const [redis, chain] = await Promise.all([redisServer(), HarnessChain.start(plan.setting?.rules)]);
    await redis.start();
    await chain.deepen(plan.confirmations);
    const endpoints = (await plan.setting?.endpoints(chain.rpcUrl)) ?? none(chain);
    const [first, ...others] = endpoints.urls;
    const rpc = await DisturbedRpc.start(() => first ?? chain.rpcUrl, plan.random);
    const database = plan.mongoUrl === null ? null : ownDatabase(plan.mongoUrl);
    const store =
      database === null
        ? await openSqliteStore({ file: dataFiles(plan.dataDir).orders })
        : await openMongoStore({ url: database });
    const env = {
      ...process.env,
      DATA_DIR: plan.dataDir,
      REDIS_URL: redis.url,
      MONGODB_URL: database ?? '',
      EXECUTION: 'chain',
      RPC_URL: [rpc.url, ...others].join(','),
      CHAIN_FILE: chain.chainFile,
      SIGNER_KEYS: chain.keys.join(','),
      CONFIRMATIONS: String(plan.confirmations),
      CHAIN_POLL_MS: '150',
      RAISE_FEE_AFTER_MS: '4000',
      // Long backoffs, so that an outage of seconds does not use up the attempts of orders before submission.
      BACKOFF_BASE_MS: '600',
      BACKOFF_CAP_MS: '4000',
      LOG_LEVEL: 'info',
      ...plan.setting?.env,
    };
    const processOf = async (role: 'api' | 'worker', index: number): Promise<RoleProcess> =>
      new RoleProcess({
        role,
        port: await freePort(0),
        main: plan.main,
        env,
        logFile: join(plan.dataDir, `${role}-${index}.log`),
        ...(role === 'worker' ? { nextCrashPoint: plan.nextCrashPoint, onDeath: plan.onDeath } : {}),
      });
    const api = await processOf('api', 0);
    const workers = await Promise.all(
      Array.from({ length: plan.setting?.workers ?? WORKERS }, (_, index) => processOf('worker', index)),
    );
    for (const each of [api, ...workers]) each.start();
    await Promise.all([api, ...workers].map((each) => each.ready(READY_MS)));
    const drop = () => (database === null ? Promise.resolve() : dropDatabase(database));
    return new ChainDeployment({ store, chain, rpc, endpoints }, { api, workers }, redis, drop);
  }

  async stopProcesses(): Promise<void> {
    await Promise.all([this.api, ...this.workers].map((each) => each.stop()));
  }

  async remove(): Promise<void> {
    await this.stopProcesses();
    await this.store.close();
    await this.rpc.close();
    await this.endpoints.close();
    await Promise.all([this.#redis.remove(), this.chain.remove(), this.#dropDatabase()]);
  }
}

function none({ rpcUrl }: HarnessChain): Endpoints {
  return { urls: [rpcUrl], counts: () => ({}), close: () => Promise.resolve() };
}

function ownDatabase(server: string): string {
  const url = new URL(server);
  url.pathname = `/fillstream_chaos_${randomBytes(8).toString('hex')}`;
  return url.href;
}

async function dropDatabase(url: string): Promise<void> {
  const connection = await createConnection(url).asPromise();
  await connection.dropDatabase();
  await connection.close();
}
