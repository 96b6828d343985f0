/**
 * Notifies the other processes of entries that were committed here and of commands that wait. Entries go to processes with feed
 * connections, commands to processes with a worker: each process receives only the notifications that it needs. A notification
 * saves a read of the store, and nothing else depends on it: it may be lost, late, repeated or, from another client of the same
 * Redis, invalid.
 */
import type { Logger } from 'pino';
import type { JournaledMessage } from '../protocol/messages.ts';
import { CommandChannel } from './command-channel.ts';
import { MicroBatcher, unanswered } from '../runtime/micro-batcher.ts';
import { NOTIFICATIONS_PER_BATCH } from './batch-size.ts';
import type { RedisClients } from '../redis/redis-clients.ts';

export interface Notifications {
  /** An entry of this owner's order was committed. Without the owner the receivers look it up. */
  announce(message: JournaledMessage, owner?: string): void;
  /** A command is in the order's inbox. */
  commandWaiting(orderId: string): void;
  /** For a process with a worker. Without a handler, a process receives no commands. */
  onCommand(handler: (orderId: string) => void): void;
}

/**
 * Reaches every other process with feed connections: the Socket.IO server itself, or the emitter in a process without one. The
 * event's name is the wire's between releases.
 */
export interface EntryBroadcaster {
  serverSideEmit(
    event: 'hints',
    entries: readonly JournaledMessage[],
    /** Whose orders these are, entry by entry; null: not known. Releases up to 0.2.0 send none, and ignore it. */
    owners: readonly (string | null)[],
  ): unknown;
}

export interface NotificationDeps {
  readonly entries: EntryBroadcaster;
  readonly redis: Pick<RedisClients, 'pub' | 'sub'>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

interface Announced {
  readonly message: JournaledMessage;
  readonly owner: string | null;
}

export class NotificationBus implements Notifications {
  readonly #deps: NotificationDeps;
  readonly #commands: CommandChannel;
  readonly #handlers: ((orderId: string) => void)[] = [];
  readonly #announced: MicroBatcher<Announced, undefined>;
  readonly #waiting: MicroBatcher<string, undefined>;

  constructor(deps: NotificationDeps) {
    this.#deps = deps;
    this.#commands = new CommandChannel(deps.redis, deps.log);
    this.#announced = this.#batched((announced) =>
      deps.entries.serverSideEmit(
        'hints',
        announced.map(({ message }) => message),
        announced.map(({ owner }) => owner),
      ),
    );
    this.#waiting = this.#batched((orderIds) => this.#commands.publish(orderIds));
  }

  announce(message: JournaledMessage, owner: string | null = null): void {
    if (this.#isUp) void this.#announced.add({ message, owner });
  }

  commandWaiting(orderId: string): void {
    this.#handle(orderId);
    if (this.#isUp) void this.#waiting.add(orderId);
  }

  onCommand(handler: (orderId: string) => void): void {
    if (this.#handlers.length === 0) this.#commands.listen((orderId) => this.#handle(orderId));
    this.#handlers.push(handler);
  }

  /** Sends what is batched, and stops receiving commands. */
  close(): void {
    this.#announced.flush();
    this.#waiting.flush();
    this.#commands.close();
  }

  /** False: a notification would be lost, and need not be encoded. */
  get #isUp(): boolean {
    return this.#deps.redis.pub.isReady;
  }

  /** What one turn of the event loop has gathered goes out together. A batch that cannot be sent is lost, and logged. */
  #batched<Notification>(
    send: (batch: readonly Notification[]) => unknown,
  ): MicroBatcher<Notification, undefined> {
    const sendOrLog = (batch: readonly Notification[]): void => {
      try {
        send(batch);
      } catch (thrown) {
        this.#deps.log.error({ err: thrown, lost: batch.length }, 'notifications were not sent');
      }
    };
    return new MicroBatcher(unanswered(sendOrLog), { maxBatch: NOTIFICATIONS_PER_BATCH });
  }

  #handle(orderId: string): void {
    for (const handler of this.#handlers) {
      try {
        handler(orderId);
      } catch (thrown) {
        this.#deps.log.error({ err: thrown, orderId }, 'the handler of a command notification failed');
      }
    }
  }
}
