/** Streams of server-sent events, each the response to one GET request. */
import type { ServerResponse } from 'node:http';
import type { After } from '../../protocol/fields.ts';
import { sleep, type Clock } from '../../runtime/time.ts';
import type { Feed } from '../core/feed.ts';
import type { OwnerFeed, WatchOrders } from '../owner/owner-feed.ts';
import type { FeedConnection } from '../core/connection.ts';
import { allOrders, oneOrder, SseGroup, SseReader, type StreamSubject } from './sse-reader.ts';

export interface SseDeps {
  readonly feed: Feed;
  readonly ownerFeed: OwnerFeed;
  readonly clock: Clock;
}

export interface WatchOrder {
  readonly owner: string;
  readonly orderId: string;
  readonly after: After;
}

export interface EventStreams {
  /** Responses that are open. */
  readonly count: number;
  /**
   * Resolves once the response has begun.
   * @throws FillstreamError order_not_found, after_ahead, store_unavailable, shutting_down; nothing is written then
   */
  streamOrder(res: ServerResponse, watch: WatchOrder): Promise<void>;
  /**
   * Resolves once the response has begun.
   * @throws FillstreamError unknown_token, store_unavailable, shutting_down; nothing is written then
   */
  streamOrders(res: ServerResponse, watch: WatchOrders): Promise<void>;
  /** Ends what is still open. The feed has sent the errors before. */
  close(withinMs: number): Promise<void>;
}

export function serveEventStreams({ feed, ownerFeed, clock }: SseDeps): EventStreams {
  const group = new SseGroup();
  const open = new Set<ServerResponse>();
  const now = (): number => clock.now();

  async function stream(
    res: ServerResponse,
    owner: string,
    subject: StreamSubject,
    subscribe: (connection: FeedConnection) => Promise<unknown>,
  ): Promise<void> {
    const reader = new SseReader(res, group, subject);
    const connection = feed.open(reader, owner);
    open.add(res);
    res.once('close', () => {
      open.delete(res);
      connection.close();
    });
    try {
      await subscribe(connection);
    } catch (thrown) {
      connection.close();
      throw thrown;
    }
    if (reader.refusal !== null) throw reader.refusal;
  }

  return {
    get count() {
      return open.size;
    },

    streamOrder: (res, { owner, orderId, after }) =>
      stream(res, owner, oneOrder(orderId, after, now), (connection) => connection.subscribe(orderId, after)),

    streamOrders: (res, watch) =>
      stream(res, watch.owner, allOrders(now), (connection) => ownerFeed.subscribe(connection, watch)),

    close: async (withinMs) => {
      const until = clock.now() + withinMs;
      while (open.size > 0 && clock.now() < until) await sleep(10);
      await Promise.all([...open].map(cutOff));
    },
  };
}

function cutOff(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    res.once('close', resolve);
    res.destroy();
  });
}
