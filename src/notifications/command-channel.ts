import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import { orderIdSchema } from '../protocol/fields.ts';
import { NOTIFICATIONS_PER_BATCH } from './batch-size.ts';
import type { RedisClients } from '../redis/redis-clients.ts';
import { warnOnce } from './warn-once.ts';

export const COMMAND_CHANNEL = 'fillstream:commands';

const waitingSchema = z.object({
  from: z.string(),
  orderIds: z.array(orderIdSchema).max(NOTIFICATIONS_PER_BATCH),
});

/** Carries the ids of orders with waiting commands between processes. Only processes that listen are subscribed. */
export class CommandChannel {
  readonly #redis: Pick<RedisClients, 'pub' | 'sub'>;
  readonly #warn: () => void;
  /** Redis also delivers what this process published, which it has handled before. */
  readonly #self = randomUUID();
  #stop: () => void = () => undefined;

  constructor(redis: Pick<RedisClients, 'pub' | 'sub'>, log: Pick<Logger, 'warn'>) {
    this.#redis = redis;
    this.#warn = warnOnce(log);
  }

  publish(orderIds: readonly string[]): void {
    void this.#redis.pub.publish(COMMAND_CHANNEL, JSON.stringify({ from: this.#self, orderIds }));
  }

  listen(handle: (orderId: string) => void): void {
    const { sub } = this.#redis;
    const onMessage = (channel: Buffer, text: Buffer): void => {
      if (channel.toString() !== COMMAND_CHANNEL) return;
      const waiting = waitingSchema.safeParse(read(text));
      if (!waiting.success) this.#warn();
      else if (waiting.data.from !== this.#self) waiting.data.orderIds.forEach(handle);
    };
    sub.on('messageBuffer', onMessage);
    void sub.subscribe(COMMAND_CHANNEL);
    this.#stop = () => {
      sub.off('messageBuffer', onMessage);
      void sub.unsubscribe(COMMAND_CHANNEL);
    };
  }

  close(): void {
    this.#stop();
  }
}

function read(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return null;
  }
}
