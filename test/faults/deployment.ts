/** Two apis and three workers on their own Redis and MongoDB. All of them can be killed and restarted. */
import { join } from 'node:path';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { readExecutions } from '../../src/chain/simulated/executions.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../src/store/ports.ts';
import { mongoServer, redisServer, type KillableServer } from '../support/killable-server.ts';
import { audit, type Audit } from './audit.ts';
import { RoleProcess } from './role-process.ts';

export interface DeploymentPlan {
  readonly dataDir: string;
  readonly mongoCommand: string;
  /** Arguments of `node` before the role. */
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `CRASH_AT` for the next start of the first worker, or null. */
  readonly nextCrashPoint: () => string | null;
  /** A worker died or was paused. */
  readonly onSilence: (workerId: string | null, at: number) => void;
}

const APIS = 2;
const WORKERS = 3;
const READY_MS = 60_000;

export class Deployment {
  readonly redis: KillableServer;
  readonly mongo: KillableServer;
  readonly store: Store;
  readonly apis: readonly RoleProcess[];
  readonly workers: readonly RoleProcess[];
  readonly #dataDir: string;

  private constructor(
    servers: { readonly redis: KillableServer; readonly mongo: KillableServer; readonly store: Store },
    processes: { readonly apis: readonly RoleProcess[]; readonly workers: readonly RoleProcess[] },
    dataDir: string,
  ) {
    this.redis = servers.redis;
    this.mongo = servers.mongo;
    this.store = servers.store;
    this.apis = processes.apis;
    this.workers = processes.workers;
    this.#dataDir = dataDir;
  }

  static async start(plan: DeploymentPlan): Promise<Deployment> {
    const [redis, mongo] = await Promise.all([redisServer(), mongoServer(plan.mongoCommand)]);
    await Promise.all([redis.start(), mongo.start()]);
    const store = await openMongoStore({ url: mongo.url });
    const env = {
      ...process.env,
      EXECUTION: 'simulated',
      ...plan.env,
      DATA_DIR: plan.dataDir,
      REDIS_URL: redis.url,
      MONGODB_URL: mongo.url,
      LOG_LEVEL: 'info',
    };
    const processOf = async (role: 'api' | 'worker', index: number): Promise<RoleProcess> =>
      new RoleProcess({
        role,
        port: await freePort(0),
        main: plan.main,
        env,
        logFile: join(plan.dataDir, `${role}-${index}.log`),
        ...(role === 'worker' ? { onSilence: plan.onSilence } : {}),
        ...(role === 'worker' && index === 0 ? { nextCrashPoint: plan.nextCrashPoint } : {}),
      });
    const several = (role: 'api' | 'worker', count: number): Promise<RoleProcess[]> =>
      Promise.all(Array.from({ length: count }, (_, index) => processOf(role, index)));
    const [apis, workers] = [await several('api', APIS), await several('worker', WORKERS)];
    const deployment = new Deployment({ redis, mongo, store }, { apis, workers }, plan.dataDir);
    for (const each of deployment.processes) each.start();
    await Promise.all(deployment.processes.map((each) => each.ready(READY_MS)));
    return deployment;
  }

  get processes(): readonly RoleProcess[] {
    return [...this.apis, ...this.workers];
  }

  /** Stops the processes, then audits the store and the executions. */
  async audit(acknowledged: ReadonlySet<string>): Promise<Audit> {
    await this.#stopProcesses();
    return audit(this.store, readExecutions(dataFiles(this.#dataDir).simulatedChain), acknowledged);
  }

  async stop(): Promise<void> {
    await this.#stopProcesses();
    await this.store.close();
    await Promise.all([this.redis.remove(), this.mongo.remove()]);
  }

  async #stopProcesses(): Promise<void> {
    await Promise.all(this.processes.map((each) => each.stop()));
  }
}
