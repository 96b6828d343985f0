import type { Hints } from '../feed/hints.ts';
import { openRedisClients } from '../feed/redis-clients.ts';
import { startHints } from '../feed/start-feed.ts';
import type { Backends } from './backends.ts';
import type { Stops } from './stops.ts';

/** For a process without sockets: it announces, and hears of commands. */
export function startHintsAlone({ feedRedis, redisTls, log }: Backends, stops: Stops): Hints {
  const clients = openRedisClients(feedRedis, log, { tls: redisTls });
  stops.push(() => clients.close());
  const running = startHints({ redis: clients, log });
  stops.push(() => {
    running.close();
    return Promise.resolve();
  });
  return running.hints;
}
