import type { Redis } from 'ioredis';
import { EventEmitter } from 'node:events';

/** As much of a client as the adapter subscribes with. Subscribes anew whenever Redis is there again. */
export class RedisSubscriber extends EventEmitter {
  readonly #redis: Redis;
  readonly #patterns = new Set<string>();
  readonly #channels = new Set<string>();
  #listening = false;

  constructor(redis: Redis) {
    super();
    this.#redis = redis;
    redis.on('ready', () => void this.#resubscribe());
    redis.on('close', () => (this.#listening = false));
    for (const event of ['messageBuffer', 'pmessageBuffer']) {
      redis.on(event, (...sent: unknown[]) => this.#deliver(event, sent));
    }
  }

  get isListening(): boolean {
    return this.#listening;
  }

  async psubscribe(pattern: string): Promise<void> {
    this.#patterns.add(pattern);
    await this.#resubscribe();
  }

  async punsubscribe(pattern: string): Promise<void> {
    this.#patterns.delete(pattern);
    if (this.#redis.status === 'ready') await settled(this.#redis.punsubscribe(pattern));
  }

  async subscribe(channels: string | string[]): Promise<void> {
    for (const channel of [channels].flat()) this.#channels.add(channel);
    await this.#resubscribe();
  }

  async unsubscribe(channels: string | string[]): Promise<void> {
    for (const channel of [channels].flat()) this.#channels.delete(channel);
    if (this.#redis.status === 'ready') await settled(this.#redis.unsubscribe(...[channels].flat()));
  }

  /** Redis takes a repeated subscription as one. ioredis would do this too, but drops the promises. */
  async #resubscribe(): Promise<void> {
    if (this.#redis.status !== 'ready') return;
    const done = await Promise.all([
      this.#patterns.size === 0 || settled(this.#redis.psubscribe(...this.#patterns)),
      this.#channels.size === 0 || settled(this.#redis.subscribe(...this.#channels)),
    ]);
    if (done.every(Boolean)) this.#listening = true;
  }

  /** Anybody may publish on these channels; what the adapter makes of junk (it throws, and it rejects) ends here. */
  #deliver(event: string, sent: unknown[]): void {
    for (const listener of this.listeners(event)) {
      try {
        Promise.resolve(listener.apply(this, sent)).catch(() => undefined);
      } catch {
        // The same junk, noticed sooner.
      }
    }
  }
}

/** Whether the command was carried out. One that a lost connection rejects is repeated on the next. */
async function settled(command: Promise<unknown>): Promise<boolean> {
  return command.then(
    () => true,
    () => false,
  );
}
