/** Streams of server-sent events, each the response to one GET request. */
import type { ServerResponse } from 'node:http';
import type { Edge } from '../../edge/edge.ts';
import type { Principal } from '../../identity/principal.ts';
import type { After } from '../../protocol/fields.ts';
import { sleep, type Clock } from '../../runtime/time.ts';
import type { AccessMonitor } from '../core/access-monitor.ts';
import type { Feed } from '../core/feed.ts';
import { MessageText } from '../core/message-text.ts';
import type { OwnerFeed, WatchOrders } from '../owner/owner-feed.ts';
import type { FeedConnection } from '../core/connection.ts';
import { allOrders, oneOrder, SseGroup, SseReader, type StreamSubject } from './sse-reader.ts';

export interface SseDeps {
  readonly feed: Feed;
  readonly ownerFeed: OwnerFeed;
  readonly edge: Pick<Edge, 'redaction'>;
  readonly accessMonitor: AccessMonitor;
  readonly clock: Clock;
}

export interface WatchOrder {
  readonly principal: Principal;
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
  streamOrders(
    res: ServerResponse,
    watch: Omit<WatchOrders, 'owner'> & { readonly principal: Principal },
  ): Promise<void>;
  /** Ends what is still open. The feed has sent the errors before. */
  close(withinMs: number): Promise<void>;
}

export function serveEventStreams(deps: SseDeps): EventStreams {
  const { feed, ownerFeed, edge, accessMonitor, clock } = deps;
  const wholly = new SseGroup(new MessageText());
  const redacted = new SseGroup(new MessageText((message) => edge.redaction.message(message)));
  const open = new Set<ServerResponse>();
  const now = (): number => clock.now();

  async function stream(
    res: ServerResponse,
    principal: Principal,
    subject: StreamSubject,
    subscribe: (connection: FeedConnection) => Promise<unknown>,
  ): Promise<void> {
    const reader = new SseReader(res, principal.redact ? redacted : wholly, subject);
    const connection = accessMonitor.admit(principal, res.req, () => feed.open(reader, principal.owner));
    open.add(res);
    res.once('close', () => {
      open.delete(res);
      accessMonitor.forget(connection);
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

    streamOrder: (res, { principal, orderId, after }) =>
      stream(res, principal, oneOrder(orderId, after, now), (connection) =>
        connection.subscribe(orderId, after),
      ),

    streamOrders: (res, { principal, ...watch }) =>
      stream(res, principal, allOrders(now), (connection) =>
        ownerFeed.subscribe(connection, { owner: principal.owner, ...watch }),
      ),

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
