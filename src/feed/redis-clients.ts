/**
 * The two connections to Redis under the Socket.IO adapter. Redis carries hints only, so that its being away is nobody's
 * failure: what cannot be published is counted and dropped, and the subscriber comes back by itself.
 *
 * The adapter and the emitter drop the promises of their commands and trust what they receive; so they get these two
 * wrappers, whose promises never reject and whose listeners never throw.
 */
import { Redis } from 'ioredis';
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { every } from '../time.ts';

const RECONNECT_CAP_MS = 1_000;
const CONNECT_WITHIN_MS = 2_000;
/** A connection whose other end is silent this long after a command is replaced: a half-open one says nothing at all. */
const SILENT_FOR_MS = 3_000;
const PING_EVERY_MS = 1_500;
/** Publishes without an answer; beyond it Redis is as good as away. */
const MAX_UNANSWERED = 2_000;

export interface RedisClients {
  /** What the adapter publishes with. */
  readonly pub: HintPublisher;
  /** What the adapter subscribes with. */
  readonly sub: HintSubscriber;
  /** Hints that did not reach Redis since the start. */
  readonly lostHints: number;
  /** Whether hints reach Redis and come back from it. */
  isUp(): boolean;
  close(): Promise<void>;
}

/** @param address `redis://…`, `rediss://…` or the path of a unix socket */
export function openRedisClients(address: string, log: Pick<Logger, 'info' | 'warn'>): RedisClients {
  const options = {
    // A closed connection rejects what it had not answered; else ioredis would leave it unsettled for ever.
    maxRetriesPerRequest: 0,
    // Nothing is kept for a connection that is not there: neither hints, which are old by then, nor memory.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    connectTimeout: CONNECT_WITHIN_MS,
    socketTimeout: SILENT_FOR_MS,
    retryStrategy: (attempt: number) => Math.min(25 * 2 ** Math.min(attempt, 10), RECONNECT_CAP_MS),
  };
  const publisher = new Redis(address, options);
  const subscriber = new Redis(address, options);
  const silence = [logChanges(publisher, 'publisher', log), logChanges(subscriber, 'subscriber', log)];

  const pub = new HintPublisher(publisher);
  const sub = new HintSubscriber(subscriber);
  // Gives `socketTimeout` something to wait for on a connection that only listens.
  const stopPings = every(
    PING_EVERY_MS,
    () => {
      // Not waited for: the answer of a connection that is closed meanwhile may never come.
      if (subscriber.status === 'ready') subscriber.ping().catch(() => undefined);
      return Promise.resolve();
    },
    () => undefined,
  );
  return {
    pub,
    sub,
    get lostHints() {
      return pub.lost;
    },
    isUp: () => pub.isReady && sub.isListening,
    close: async () => {
      for (const becomeSilent of silence) becomeSilent();
      publisher.disconnect();
      subscriber.disconnect();
      await stopPings();
    },
  };
}

/** As much of a client as the adapter publishes with. */
export class HintPublisher extends EventEmitter {
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

  /** Resolves with the number of servers that heard it; 0 if it was lost. Never rejects. */
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

/** As much of a client as the adapter subscribes with. Subscribes anew whenever Redis is there again. */
export class HintSubscriber extends EventEmitter {
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

/** @returns makes it silent: what follows was asked for */
function logChanges(redis: Redis, name: string, log: Pick<Logger, 'info' | 'warn'>): () => void {
  let up: boolean | null = null;
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  redis.on('ready', () => {
    if (up !== true) log.info({ redis: name }, 'Redis is there');
    up = true;
  });
  redis.on('close', () => {
    if (up !== false) log.warn({ redis: name, err: reason }, 'Redis is away; watchers read the journal');
    up = false;
  });
  return () => {
    up = false;
  };
}
