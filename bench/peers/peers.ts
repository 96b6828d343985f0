/** The systems that Fillstream is measured beside. Their programs are in programs/. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startPostgres, startRedisServer, startRestateServer } from './backing-services.ts';
import { peersFolder } from './install.ts';
import type { PeerAddresses } from './peer-load.ts';
import { answersOk, startService, type Service } from './service.ts';

export type PeerName = 'naive' | 'dbos' | 'restate' | 'restate-without-push';

/** What a system does not promise, from its own documents. */
export interface NotPromised {
  readonly text: string;
  readonly source: string;
}

export interface Peer {
  readonly name: PeerName;
  readonly title: string;
  readonly durableTransitions: number;
  readonly notPromised: readonly NotPromised[];
  /** Starts its servers, and adds each to `services` as soon as it runs. */
  readonly start: (folder: string, services: Service[]) => Promise<PeerAddresses>;
}

export interface RunningPeer {
  readonly addresses: PeerAddresses;
  readonly services: readonly Service[];
  end(): Promise<void>;
}

/** Orders that run at a time: Fillstream's default. */
export const CONCURRENCY = 256;

const PUSH_IN_MEMORY: NotPromised = {
  text: 'push: by this benchmark, from the memory of one process; a message is lost or repeated when it ends',
  source: 'bench/peers/programs/serve-orders.ts',
};

export const PEERS: readonly Peer[] = [
  {
    name: 'naive',
    title: 'BullMQ, SQLite, ws',
    durableTransitions: 9,
    notPromised: [
      {
        text: 'a job runs at least once: one whose lock was lost runs a second time from its beginning, beside the first',
        source: 'https://docs.bullmq.io/bull/important-notes',
      },
      {
        text: 'durability: Redis flushes its file once a second, SQLite not at a commit (synchronous = NORMAL in WAL mode)',
        source:
          'https://docs.bullmq.io/guide/going-to-production, https://www.sqlite.org/pragma.html#pragma_synchronous',
      },
      {
        text: 'no transaction over the row and the job: an order whose process ends between both has a row and no job',
        source: 'bench/peers/programs/naive.ts',
      },
      PUSH_IN_MEMORY,
    ],
    async start(folder, services) {
      const redis = await startRedisServer(folder);
      services.push(redis);
      const url = await startProgram('naive', folder, services, { REDIS_PORT: String(redis.port) });
      return { post: `${url}/orders`, watch: url };
    },
  },
  {
    name: 'dbos',
    title: 'DBOS, Postgres, ws',
    durableTransitions: 9,
    notPromised: [
      {
        text: 'a step is tried at least once: its effect is done again after a crash before its checkpoint',
        source: 'https://docs.dbos.dev/typescript/tutorials/workflow-tutorial#reliability-guarantees',
      },
      PUSH_IN_MEMORY,
    ],
    async start(folder, services) {
      const postgres = await startPostgres(folder);
      services.push(postgres);
      const url = await startProgram('dbos', folder, services, { DATABASE_URL: postgres.url });
      return { post: `${url}/orders`, watch: url };
    },
  },
  restate('restate', 'Restate, ws', true),
  restate('restate-without-push', 'Restate without push', false),
];

export async function startPeer({ start }: Peer): Promise<RunningPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'fillstream-peer-'));
  const services: Service[] = [];
  const end = async (): Promise<void> => {
    for (const service of services.reverse()) await service.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { addresses: await start(folder, services), services, end };
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

function restate(name: PeerName, title: string, isPushed: boolean): Peer {
  return {
    name,
    title,
    durableTransitions: 9,
    notPromised: [
      {
        text: 'a step is retried until its result is stored: its effect is done at least once',
        source: 'https://docs.restate.dev/develop/ts/journaling-results/',
      },
      isPushed
        ? PUSH_IN_MEMORY
        : {
            text: 'push: none, a POST is answered when the order has ended',
            source: 'https://docs.restate.dev/invoke/http',
          },
    ],
    async start(folder, services) {
      const { adminUrl, ingressUrl, ...service } = await startRestateServer(folder, CONCURRENCY);
      services.push(service);
      const endpoint = await freePort(0);
      const url = await startProgram('restate', folder, services, {
        ENDPOINT_PORT: String(endpoint),
        PUSH: isPushed ? 'yes' : 'no',
      });
      await register(adminUrl, `http://127.0.0.1:${endpoint}`);
      const post = `${ingressUrl}/orders/execute`;
      return isPushed ? { post: `${post}/send`, watch: url } : { post, watch: null };
    },
  };
}

async function register(adminUrl: string, uri: string): Promise<void> {
  const answer = await fetch(`${adminUrl}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri }),
  });
  if (!answer.ok) throw new Error(`Restate answered ${answer.status} to ${uri}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** @returns its address */
async function startProgram(
  name: string,
  folder: string,
  services: Service[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const port = await freePort(0);
  const url = `http://127.0.0.1:${port}`;
  services.push(
    await startService({
      part: 'stack',
      command: process.execPath,
      args: [join(peersFolder, 'dist', `${name}.js`)],
      env: {
        NODE_ENV: 'production',
        PORT: String(port),
        DATA_DIR: folder,
        CONCURRENCY: String(CONCURRENCY),
        ...env,
      },
      logFile: join(folder, 'program.log'),
      isReady: () => answersOk(`${url}/ready`),
    }),
  );
  return url;
}
