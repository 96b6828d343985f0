import type { Redis } from 'ioredis';
import { EventEmitter } from 'node:events';

/** The part of a Redis client that the Socket.IO adapter subscribes with. Subscribes again whenever it has reconnected. */
export class RedisSubscriber extends EventEmitter {
  readonly #redis: Redis;
  readonly #patterns = new Set<string>();
  readonly #channels = new Set<string>();
  #listening = false;
  /** How the messages begin that are not delivered. */
  #ignored: Buffer | null = null;

  constructor(redis: Redis) {
    super();
    this.#redis = redis;
    redis.on('ready', () => void this.#resubscribe());
    redis.on('close', () => (this.#listening = false));
    for (const event of ['messageBuffer', 'pmessageBuffer']) {
      redis.on(event, (...sent: unknown[]) => {
        if (!this.#isIgnored(sent.at(-1))) this.#deliver(event, sent);
      });
    }
  }

  get isListening(): boolean {
    return this.#listening;
  }

  /** Messages that begin so are dropped unread: this process published them, and Redis delivers them to it as to every other. */
  ignore(beginning: string): void {
    this.#ignored = Buffer.from(beginning);
  }

  #isIgnored(message: unknown): boolean {
    const ignored = this.#ignored;
    return (
      ignored !== null && Buffer.isBuffer(message) && message.subarray(0, ignored.length).equals(ignored)
    );
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

  /** A repeated subscription changes nothing in Redis. ioredis could do this by itself, but it drops the promises. */
  async #resubscribe(): Promise<void> {
    if (this.#redis.status !== 'ready') return;
    const done = await Promise.all([
      this.#patterns.size === 0 || settled(this.#redis.psubscribe(...this.#patterns)),
      this.#channels.size === 0 || settled(this.#redis.subscribe(...this.#channels)),
    ]);
    if (done.every(Boolean)) this.#listening = true;
  }

  /** Any client of this Redis may publish on these channels; on invalid messages the adapter throws or rejects, which ends here. */
  #deliver(event: string, sent: unknown[]): void {
    for (const listener of this.listeners(event)) {
      try {
        Promise.resolve(listener.apply(this, sent)).catch(() => undefined);
      } catch {
        // As above, thrown at once.
      }
    }
  }
}

/** Whether the command succeeded. One that a lost connection rejects is repeated on the next. */
async function settled(command: Promise<unknown>): Promise<boolean> {
  return command.then(
    () => true,
    () => false,
  );
}
