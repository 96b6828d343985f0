/** What `doctor` looks at. Each check resolves with what it found, and rejects with what to do. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { createConnection } from 'mongoose';
import { createPublicClient, formatEther } from 'viem';
import { CONTRACT_NAMES, creationCode } from '../../chain/local/deployment/artifacts.ts';
import { findAnvil } from '../../embedded/anvil/anvil-binary.ts';
import { HOW_TO_GET_REDIS } from '../../embedded/redis/redis-child.ts';
import { checkPortIsFree } from '../../http/listen.ts';
import { OperatorError } from '../../operator-error.ts';
import { openRedis } from '../../redis/open-redis.ts';
import { RpcEndpoints, splitRpcUrls } from '../../rpc/endpoints.ts';
import { sleep } from '../../runtime/time.ts';
import { readMarket } from '../../settings/chain-file.ts';
import type { Config } from '../../settings/config.ts';
import { dataFiles } from '../../settings/data-dir.ts';
import { readJsonFile } from '../../settings/json-file.ts';
import { readLimits } from '../../settings/limits-file.ts';
import { readRedisAddress } from '../../settings/redis-address.ts';
import { releaseVersion } from '../../settings/release-version.ts';
import { ANY_TOKEN } from '../../settings/token-names.ts';
import { checkMarket } from '../../venues/onchain/check-market.ts';
import { readRedisTls } from './backends.ts';
import { openSigners } from './open-signers.ts';

export interface Check {
  readonly name: string;
  /** @throws Advice, and any other error for what keeps Fillstream from starting */
  readonly run: () => Promise<string>;
}

/** Not a fault by itself: the text says what may follow from it. */
export class Advice extends Error {}

const ANSWERS_WITHIN_MS = 3_000;
const POLL_MS = 50;
const LEAST_FREE_BYTES = 200 * 1024 * 1024;

export function checksFor(config: Config): readonly Check[] {
  const isPrivate = config.EXECUTION === 'chain' && config.RPC_URL === undefined;
  const isSimulated = config.EXECUTION === 'simulated';
  return [
    {
      name: 'release',
      run: () => Promise.resolve(`Fillstream ${releaseVersion()} on Node.js ${process.versions.node}`),
    },
    { name: 'data folder', run: () => Promise.resolve(checkDataFolder(config)) },
    {
      name: 'store',
      run: () =>
        config.MONGODB_URL === undefined ? checkSqlite(config) : checkMongo(config, config.MONGODB_URL),
    },
    ...redisChecks(config),
    ...(isSimulated
      ? [{ name: 'chain', run: () => Promise.resolve('simulated: nothing is really swapped') }]
      : []),
    ...(isPrivate ? [{ name: 'chain', run: () => Promise.resolve(checkPrivateChain()) }] : []),
    ...(config.RPC_URL === undefined || isSimulated ? [] : remoteChainChecks(config, config.RPC_URL)),
    ...(config.LIMITS_FILE === undefined ? [] : [limitsCheck(config.LIMITS_FILE)]),
    { name: 'port', run: () => checkPort(config) },
  ];
}

function checkDataFolder({ DATA_DIR }: Config): string {
  const folder = resolve(DATA_DIR);
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK);
  } catch (error) {
    throw new OperatorError(`${existing} cannot be written to: change its owner, or set DATA_DIR`, {
      cause: error,
    });
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const text = `${folder}${existing === folder ? '' : ' (made at the start)'}, ${Math.floor(free / 1024 ** 2)} MB free`;
  if (free < LEAST_FREE_BYTES) throw new Advice(`${text}: a full disk stops all orders; make room`);
  return text;
}

/** Reads the file's head as it is: opening it as a store would migrate it, and reading all of it could take minutes. */
function checkSqlite({ DATA_DIR }: Config): Promise<string> {
  const file = dataFiles(resolve(DATA_DIR)).orders;
  if (!existsSync(file)) return Promise.resolve(`SQLite, ${file} (made at the start)`);
  try {
    const database = new Database(file, { readonly: true, timeout: ANSWERS_WITHIN_MS });
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    database.close();
    return Promise.resolve(`SQLite, ${file}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`${file} cannot be read (${why}): restore it from a backup, or set DATA_DIR`, {
      cause: error,
    });
  }
}

async function checkMongo({ MONGODB_TIMEOUT_MS }: Config, url: string): Promise<string> {
  const connection = createConnection();
  connection.on('error', () => undefined);
  try {
    await connection.openUri(url, { serverSelectionTimeoutMS: MONGODB_TIMEOUT_MS });
    const hello = await connection.db?.command({ hello: 1 });
    if (hello?.['isWritablePrimary'] !== true) {
      throw new Advice('MONGODB_URL answers, but not as a primary that takes writes: check the replica set');
    }
    return `MongoDB, ${connection.name}`;
  } catch (error) {
    if (error instanceof Advice) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`MONGODB_URL does not answer (${why}): start the server, or mend the address`, {
      cause: error,
    });
  } finally {
    await connection.close();
  }
}

function redisChecks(config: Config): readonly Check[] {
  const { REDIS_URL, FEED_REDIS_URL, QUEUE_REDIS_URLS } = config;
  const needsRedis = FEED_REDIS_URL === undefined || QUEUE_REDIS_URLS.length === 0;
  const named = [
    ...(needsRedis && REDIS_URL !== undefined ? [['REDIS_URL', REDIS_URL] as const] : []),
    ...(FEED_REDIS_URL === undefined ? [] : [['FEED_REDIS_URL', FEED_REDIS_URL] as const]),
    ...QUEUE_REDIS_URLS.map((url) => ['QUEUE_REDIS_URLS', url] as const),
  ];
  return [
    ...(needsRedis && REDIS_URL === undefined
      ? [{ name: 'redis', run: () => Promise.resolve(checkRedisProgram()) }]
      : []),
    ...named.map(([setting, url]) => ({ name: 'redis', run: () => checkRedis(config, setting, url) })),
  ];
}

function checkRedisProgram(): string {
  const { stdout, error } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) throw new OperatorError(HOW_TO_GET_REDIS, { cause: error });
  return `a private server: redis-server ${/v=([\d.]+)/.exec(stdout)?.[1] ?? ''}`.trim();
}

async function checkRedis(config: Config, setting: string, url: string): Promise<string> {
  const redis = openRedis(url, { tls: readRedisTls(config), random: Math.random });
  let last: unknown = new Error(`no answer within ${ANSWERS_WITHIN_MS} ms`);
  redis.on('error', (error: unknown) => {
    last = error;
  });
  try {
    const until = performance.now() + ANSWERS_WITHIN_MS;
    while (performance.now() < until) {
      if (redis.status === 'ready') {
        await redis.ping();
        return `${setting} answers (${readRedisAddress(url).kind})`;
      }
      await sleep(POLL_MS);
    }
    throw last;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`${setting} does not answer (${why}): start the server, or mend the address`, {
      cause: error,
    });
  } finally {
    redis.disconnect();
  }
}

function checkPrivateChain(): string {
  const anvil = findAnvil();
  for (const name of CONTRACT_NAMES) creationCode(name);
  return `a private chain: ${anvil}`;
}

function remoteChainChecks(config: Config, rpcUrl: string): readonly Check[] {
  const { transport } = new RpcEndpoints(splitRpcUrls(rpcUrl), { timeoutMs: ANSWERS_WITHIN_MS });
  const client = createPublicClient({ transport });
  return [
    {
      name: 'chain',
      run: async () => {
        const [chainId, { number, timestamp }] = await Promise.all([client.getChainId(), client.getBlock()]);
        const ageS = Math.round(Date.now() / 1_000 - Number(timestamp));
        return `RPC_URL: chain ${chainId}, block ${number}, ${ageS} s old`;
      },
    },
    {
      name: 'contracts',
      run: async () => {
        const market = readMarket(config.CHAIN_FILE);
        const [weth] = market.tokens;
        if (weth === undefined) throw new OperatorError('CHAIN_FILE lists no tokens');
        const { problems, warnings } = await checkMarket({
          ...market,
          rpcUrl,
          transport,
          weth: weth.address,
        });
        if (problems.length > 0)
          throw new OperatorError(`CHAIN_FILE does not fit the chain:\n${problems.join('\n')}`);
        if (warnings.length > 0) throw new Advice(`CHAIN_FILE: ${warnings.join('\n')}`);
        return `${market.tokens.length} tokens, ${market.exchanges.length} exchanges as CHAIN_FILE says`;
      },
    },
    {
      name: 'signers',
      run: async () => {
        const signers = await openSigners(config);
        const balances = await Promise.all(signers.map(({ address }) => client.getBalance({ address })));
        const lines = signers.map(
          ({ address }, index) => `${address}: ${formatEther(balances[index] ?? 0n)} for gas`,
        );
        if (balances.some((balance) => balance === 0n)) {
          throw new Advice(
            `${lines.join('\n')}\nA signer without the native currency can send nothing: fund it`,
          );
        }
        return lines.join('\n');
      },
    },
  ];
}

function limitsCheck(file: string): Check {
  return {
    name: 'limits',
    run: () => {
      try {
        readLimits(readJsonFile(file), ANY_TOKEN.nameOf, ANY_TOKEN.symbols);
        return Promise.resolve(`LIMITS_FILE, ${file}`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new OperatorError(`LIMITS_FILE is "${file}": ${why}`, { cause: error });
      }
    },
  };
}

/** A Fillstream that runs there is no fault. */
async function checkPort({ HOST, PORT }: Config): Promise<string> {
  try {
    await checkPortIsFree(HOST, PORT);
    return `${HOST}:${PORT} is free`;
  } catch (error) {
    const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
    const health = await readHealth(`http://${host.includes(':') ? `[${host}]` : host}:${PORT}/health`);
    if (health === null) throw error;
    const text = `Fillstream ${health.version} answers at ${HOST}:${PORT}`;
    if (health.status !== 'ok') throw new Advice(`${text} and is ${health.status}: see /health`);
    return text;
  }
}

async function readHealth(
  url: string,
): Promise<{ readonly version: string; readonly status: string } | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    const body: unknown = await response.json();
    if (
      typeof body !== 'object' ||
      body === null ||
      !('version' in body && 'status' in body && 'parts' in body)
    )
      return null;
    return { version: String(body.version), status: String(body.status) };
  } catch {
    return null;
  }
}
