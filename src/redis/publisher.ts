import type { Redis } from 'ioredis';
import { EventEmitter } from 'node:events';

/** Publishes that Redis has not answered; with more, Redis counts as away. */
const MAX_UNANSWERED = 2_000;

/** The part of a Redis client that the Socket.IO adapter and emitter publish with. */
export class RedisPublisher extends EventEmitter {
  readonly #redis: Redis;
  #unanswered = 0;
  #lost = 0;

  constructor(redis: Redis) {
    super();
    this.#redis = redis;
  }

  get lost(): number {
    return this.#lost;
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready' && this.#unanswered < MAX_UNANSWERED;
  }

  /** Resolves with the number of subscribers that received it; 0 if it was lost. Never rejects. */
  async publish(channel: string, message: string | Buffer): Promise<number> {
    if (!this.isReady) {
      this.#lost += 1;
      return 0;
    }
    this.#unanswered += 1;
    try {
      return await this.#redis.publish(channel, message);
    } catch {
      this.#lost += 1;
      return 0;
    } finally {
      this.#unanswered -= 1;
    }
  }
}
