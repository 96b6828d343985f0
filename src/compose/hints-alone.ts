import type { Hints } from '../feed/hints.ts';
import { openRedisClients } from '../feed/redis-clients.ts';
import { startHints } from '../feed/start-feed.ts';
import type { Backends } from './backends.ts';
import type { Stops } from './stops.ts';

/** For a process without sockets: it announces, and hears of commands. */
export function startHintsAlone({ redisAddress, log }: Backends, stops: Stops): Hints {
  const clients = openRedisClients(redisAddress, log);
  stops.push(() => clients.close());
  const running = startHints({ redis: clients, log });
  stops.push(() => running.close());
  return running.hints;
}
