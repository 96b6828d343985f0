/** A process without sockets, as a worker is one: its Redis clients and its hints, and nothing else. */
import { pino } from 'pino';
import type { Hints } from '../../src/feed/hints.ts';
import {
  openRedisClients,
  type RedisClients,
  type RedisClientsOptions,
} from '../../src/feed/redis-clients.ts';
import { startHints } from '../../src/feed/start-feed.ts';
import { eventually } from '../support/eventually.ts';

export interface Announcer {
  readonly hints: Hints;
  readonly redis: RedisClients;
  stop(): Promise<void>;
}

export function startAnnouncer(redisAddress: string, options: RedisClientsOptions = {}): Announcer {
  const log = pino({ level: 'silent' });
  const redis = openRedisClients(redisAddress, log, options);
  const running = startHints({ redis, log });
  return {
    hints: running.hints,
    redis,
    stop: async () => {
      running.close();
      await redis.close();
    },
  };
}

export async function areUp(...processes: readonly { readonly redis: RedisClients }[]): Promise<void> {
  await eventually(
    () => processes.every(({ redis }) => redis.isUp()),
    (up) => up,
  );
}
