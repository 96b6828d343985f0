/** The settings. This module alone reads the environment, once. `docs/reference/settings.md` lists them. */
import { z } from 'zod';
import { addressForErrors } from '../runtime/address-secrets.ts';
import { addressSchema } from '../protocol/fields.ts';
import { HIDEABLE } from '../protocol/redaction.ts';
import { CHECKSUM_EXPECTED, hasValidChecksum } from './address-checksum.ts';
import { InvalidAddress, readOrigin, readPublicUrl } from './page-addresses.ts';
import { InvalidRedisAddress, readRedisAddress, type RedisAddress } from './redis-address.ts';

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `expected a whole number, ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `expected a whole number, ${least} to ${most}`);

const rate = z
  .string()
  .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'expected a share from 0 to 1')
  .transform(Number);

const redisUrl = z.string().superRefine((text, context) => {
  const problem = problemOfRedisUrl(text, () => true);
  if (problem !== null) context.addIssue(`${problem}; unset it to use the embedded server`);
});

const singleRedisUrl = z.string().superRefine((text, context) => {
  const problem = problemOfRedisUrl(text, ({ kind }) => kind === 'server');
  if (problem !== null) context.addIssue(problem);
});

const mongoUrl = z
  .string()
  .regex(
    /^mongodb(\+srv)?:\/\/[^/]/,
    'expected mongodb:// or mongodb+srv:// and a host; unset it to use SQLite in DATA_DIR',
  );

const commaSeparated = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );

/** @param read throws InvalidAddress */
function readBy(read: (text: string) => string) {
  return z.string().transform((text, context) => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof InvalidAddress)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });
}

const settings = z.object({
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('.data'),
  REDIS_URL: redisUrl.optional(),
  FEED_REDIS_URL: redisUrl.optional(),
  /** Wake-ups are spread over them. */
  QUEUE_REDIS_URLS: commaSeparated.pipe(z.array(singleRedisUrl)),
  REDIS_TLS_CA_FILE: z.string().optional(),
  REDIS_TLS_CERT_FILE: z.string().optional(),
  REDIS_TLS_KEY_FILE: z.string().optional(),
  MONGODB_URL: mongoUrl.optional(),
  MONGODB_POOL_SIZE: wholeNumber(1, 10_000).default(50),
  MONGODB_TIMEOUT_MS: wholeNumber(100, 600_000).default(5_000),
  /** How long an HTTP connection may idle between two requests. */
  HTTP_KEEP_ALIVE_MS: wholeNumber(1_000, 3_600_000).default(65_000),
  /** Where a worker serves its health. */
  HEALTH_PORT: wholeNumber(0, 65_535).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Where workers show what orders do, in the protocol of Stately's inspector. */
  INSPECT_URL: z.url({ protocol: /^wss?$/, error: 'expected ws:// or wss:// and a host' }).optional(),
  /** The share of the orders that is shown there. */
  INSPECT_SHARE: rate.default(0.01),
  /** Origins of pages, beside this server's own, that may use it: comma-separated. */
  ALLOWED_ORIGINS: commaSeparated.pipe(z.array(readBy(readOrigin))),
  /** Where clients reach this server, where the Host header does not say it: `https://orders.example/prefix`. */
  PUBLIC_URL: readBy(readPublicUrl).optional(),
  /** Tokens of an identity provider: the secret of HS256, and the key set of RS256 and EdDSA, a file or a URL. */
  JWT_SECRET: z.string().min(32, 'expected at least 32 characters').optional(),
  JWT_JWKS: z.string().min(1).optional(),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
  JWT_ROLE_CLAIM: z.string().min(1).default('role'),
  /** How long the tickets in `wsUrl` and `links.events` are good. */
  TICKET_SECONDS: wholeNumber(10, 86_400).default(900),
  /** What share links hide: comma-separated. */
  SHARE_HIDES: z
    .string()
    .default('amounts,addresses')
    .transform((list) => list.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum([...HIDEABLE, 'nothing'])))
    .transform((list) => HIDEABLE.filter((each) => list.includes(each))),
  /** Origins of pages that may frame what a share link shows: comma-separated. */
  FRAME_ANCESTORS: commaSeparated.pipe(z.array(readBy(readOrigin))),
  /** `yes`: without keys, also where other machines may reach it. */
  ALLOW_OPEN: z.enum(['yes', 'no']).default('no'),
  /** Requests that one owner may make in ten seconds; 0: no limit. Not counted where there are no keys. */
  RATE_LIMIT: wholeNumber(0, 1_000_000).default(5_000),
  MAX_CONNECTIONS_PER_OWNER: wholeNumber(0, 1_000_000).default(20_000),
  /** Behind a proxy all clients have its address. */
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(0, 1_000_000).default(0),
  CONCURRENCY: wholeNumber(1, 100_000).default(256),
  MAX_IN_FLIGHT: wholeNumber(1, 10_000_000).default(10_000),
  /** Limits of what orders may ask for. */
  LIMITS_FILE: z.string().min(1).optional(),
  HEARTBEAT_MS: wholeNumber(50, 60_000).default(500),
  DEAD_AFTER_MS: wholeNumber(200, 600_000).default(1_500),
  PARK_AFTER_MS: wholeNumber(0, 600_000).default(250),
  BACKOFF_BASE_MS: wholeNumber(1, 60_000).default(200),
  BACKOFF_CAP_MS: wholeNumber(1, 3_600_000).default(30_000),
  FEED_HEARTBEAT_MS: wholeNumber(100, 600_000).default(15_000),
  /** `chain`: real swaps, on the chain behind RPC_URL or on a private one. `simulated`: nothing is swapped. */
  EXECUTION: z.enum(['chain', 'simulated']).default('chain'),
  /** One endpoint or several, separated by commas or spaces. */
  RPC_URL: z
    .string()
    .refine(
      areEndpoints,
      'expected http:// or https:// and a host, or several of them separated by commas; unset it to use a private chain',
    )
    .optional(),
  /** Where a node of the same chain tells of new blocks. */
  RPC_WS_URL: z
    .url({ protocol: /^wss?$/, error: 'expected ws:// or wss:// and a host; unset it to look for blocks' })
    .optional(),
  /** What is traded on the chain behind RPC_URL, and where. */
  CHAIN_FILE: z.string().min(1).optional(),
  SIGNER_KEYS: z.string().optional(),
  SIGNER_KEYS_FILE: z.string().optional(),
  SIGNER_KEYSTORE_FILE: z.string().optional(),
  SIGNER_KEYSTORE_PASSWORD_FILE: z.string().optional(),
  /** A signing service: Web3Signer, Clef. */
  REMOTE_SIGNER_URL: z
    .url({ protocol: /^https?$/, error: 'expected http:// or https:// and a host' })
    .optional(),
  REMOTE_SIGNER_ADDRESSES: commaSeparated.pipe(
    z.array(addressSchema.refine(hasValidChecksum, CHECKSUM_EXPECTED)),
  ),
  REMOTE_SIGNER_TIMEOUT_MS: wholeNumber(100, 600_000).default(5_000),
  /** Transactions of one signer that may be on their way at a time. */
  SIGNER_WINDOW: wholeNumber(1, 10_000).default(64),
  /** Blocks on top of the one that holds a swap before it counts as final. */
  CONFIRMATIONS: wholeNumber(0, 10_000).default(9),
  /** What ends a nonce without a fill waits for the chain's finality where it has one, or for CONFIRMATIONS alone. */
  FINALITY: z.enum(['finalized', 'confirmations']).default('finalized'),
  CHAIN_POLL_MS: wholeNumber(20, 60_000).default(250),
  RAISE_FEE_AFTER_MS: wholeNumber(100, 3_600_000).default(30_000),
  MAX_FEE_GWEI: wholeNumber(1, 1_000_000).default(500),
  MAX_TIP_GWEI: wholeNumber(0, 1_000_000).default(30),
  /** `positive`: an order waits for a quote that is worth more than its gas; `any`: it does not. */
  MIN_NET_VALUE: z.enum(['positive', 'any']).default('positive'),
  ALLOWANCE: z.enum(['exact', 'unlimited']).default('unlimited'),
  LOCAL_SIGNERS: wholeNumber(1, 100).default(4),
  LOCAL_BLOCK_MS: wholeNumber(50, 60_000).default(500),
  /** The simulated venues and chain: a seed, how slow they are, and what share of calls goes wrong. */
  SIMULATED_SEED: z.string().min(1).default('fillstream'),
  SIMULATED_LATENCY_MS: wholeNumber(0, 60_000).default(40),
  SIMULATED_BLOCK_MS: wholeNumber(0, 60_000).default(250),
  SIMULATED_FAILURES: rate.default(0.02),
  SIMULATED_SIGNERS: wholeNumber(1, 100).default(1),
  /** Kills the process at a named point: for fault tests. */
  CRASH_AT: z.string().optional(),
});

export type Config = z.infer<typeof settings>;

/** For tests that compare lists of settings with this one. */
export const SETTING_NAMES: readonly string[] = Object.keys(settings.shape);

/** A setting that cannot be used. The message names each, what it is, and what was expected. */
export class InvalidSettings extends Error {
  constructor(problems: readonly string[]) {
    super(`These settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'InvalidSettings';
  }
}

/** @throws InvalidSettings */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = settings.safeParse(present);
  if (parsed.success) {
    const contradictions = contradictionsIn(parsed.data);
    if (contradictions.length === 0) return parsed.data;
    throw new InvalidSettings(contradictions);
  }
  throw new InvalidSettings(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const value = isSecret(name) ? '…' : addressForErrors(present[name] ?? '');
      const [, index] = issue.path;
      const which = typeof index === 'number' ? `entry ${index + 1}: ` : '';
      return `${name} is ${JSON.stringify(value)}: ${which}${issue.message}`;
    }),
  );
}

/** Faults that only several settings together show. */
function contradictionsIn(config: Config): readonly string[] {
  const { HEARTBEAT_MS, DEAD_AFTER_MS, REDIS_URL, QUEUE_REDIS_URLS } = config;
  const found: string[] = [];
  if (DEAD_AFTER_MS < 2 * HEARTBEAT_MS) {
    found.push(`DEAD_AFTER_MS is ${DEAD_AFTER_MS}: expected at least two heartbeats of ${HEARTBEAT_MS} ms`);
  }
  const isSingle = REDIS_URL === undefined || readRedisAddress(REDIS_URL).kind === 'server';
  if (!isSingle && QUEUE_REDIS_URLS.length === 0) {
    found.push(
      'REDIS_URL names a cluster or sentinels, with which Bee-Queue cannot work: expected QUEUE_REDIS_URLS, one or several single servers, beside it',
    );
  }
  return found;
}

function areEndpoints(text: string): boolean {
  const urls = text.split(/[\s,]+/).filter(Boolean);
  return urls.length > 0 && urls.every((url) => /^https?:$/.test(parsedUrl(url)?.protocol ?? ''));
}

function parsedUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** @returns null for a usable address */
function problemOfRedisUrl(text: string, isUsable: (address: RedisAddress) => boolean): string | null {
  try {
    const address = readRedisAddress(text);
    if (address.kind !== 'socket' && isUsable(address)) return null;
    return 'it does not name a single server: expected redis://host:port or rediss://host:port';
  } catch (error) {
    if (error instanceof InvalidRedisAddress) return error.message;
    throw error;
  }
}

/** Settings are quoted in errors, which end up in logs. Addresses of providers hold their key in any part. */
function isSecret(name: string): boolean {
  return (
    name.startsWith('SIGNER_') || ['JWT_SECRET', 'RPC_URL', 'RPC_WS_URL', 'REMOTE_SIGNER_URL'].includes(name)
  );
}
