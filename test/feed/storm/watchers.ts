/** Watchers of each way, which lose their connection now and then and come back to any server with where they were. */
import { request, type IncomingMessage } from 'node:http';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { sleep } from '../../../src/runtime/time.ts';
import type { SeededRandom } from '../../support/seeded-random.ts';
import { StreamCheck } from './stream-check.ts';

/** One connection. It ends by itself, or is dropped. */
interface Connection {
  readonly ended: Promise<void>;
  drop(): void;
}

export interface Watcher {
  readonly check: StreamCheck;
  /** Runs until it is stopped, or has all. */
  run(): Promise<void>;
  stop(): void;
}

export interface WatcherOptions {
  /** The server to connect to; it may be gone. */
  readonly port: () => number;
  readonly random: SeededRandom;
  /** A connection lasts up to twice as long; null: as long as it can. */
  readonly lastsMs: () => number | null;
}

type Connect = (port: number, check: StreamCheck) => Connection;

export function orderByWebSocket(orderId: string, options: WatcherOptions): Watcher {
  return watcher(new StreamCheck('WebSocket', false), options, (port, check) => {
    const after = check.lastSeq(orderId);
    const ws = new WebSocket(`ws://127.0.0.1:${port}/api/orders/status/${orderId}?after=${after}`);
    ws.on('message', (data: Buffer) => check.take(data.toString()));
    ws.on('error', () => undefined);
    return { ended: new Promise((resolve) => ws.once('close', () => resolve())), drop: () => ws.terminate() };
  });
}

export function orderByEvents(orderId: string, options: WatcherOptions): Watcher {
  return watcher(new StreamCheck('SSE', false), options, (port, check) => {
    const after = check.lastSeq(orderId);
    return events(
      port,
      `/api/orders/${orderId}/events`,
      after === 0 ? {} : { 'Last-Event-ID': String(after) },
      check,
    );
  });
}

export function ordersBySocketIo(orderIds: readonly string[], options: WatcherOptions): Watcher {
  return watcher(new StreamCheck('Socket.IO', false), options, (port, check) =>
    socketIo(port, check, (send) => {
      for (const orderId of orderIds) send({ orderId, after: check.lastSeq(orderId) });
    }),
  );
}

export function allBySocketIo(options: WatcherOptions): Watcher {
  return watcher(new StreamCheck('all by Socket.IO', true), options, (port, check) =>
    socketIo(port, check, (send) =>
      send({ scope: 'orders', ...(check.token === undefined ? {} : { token: check.token }) }),
    ),
  );
}

export function allByEvents(options: WatcherOptions): Watcher {
  let lastEventId: string | undefined;
  return watcher(new StreamCheck('all by SSE', true), options, (port, check) =>
    events(
      port,
      '/api/orders/events',
      lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
      check,
      (id) => (lastEventId = id),
    ),
  );
}

function watcher(check: StreamCheck, { port, random, lastsMs }: WatcherOptions, connect: Connect): Watcher {
  let current: Connection | null = null;
  let isStopped = false;
  const stopped = (): boolean => isStopped;
  return {
    check,
    stop: () => {
      isStopped = true;
      current?.drop();
    },
    async run() {
      while (!stopped()) {
        check.connects();
        current = connect(port(), check);
        const connection = current;
        const aboutMs = lastsMs();
        const timer =
          aboutMs === null ? undefined : setTimeout(() => connection.drop(), 50 + random() * 2 * aboutMs);
        await connection.ended;
        clearTimeout(timer);
        await sleep(random() * 100);
      }
    },
  };
}

function socketIo(
  port: number,
  check: StreamCheck,
  subscribe: (send: (payload: object) => void) => void,
): Connection {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  socket.on('connect', () => subscribe((payload) => socket.emit('subscribe', payload)));
  socket.on('status', (message: unknown) => check.take(JSON.stringify(message)));
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  socket.on('disconnect', end);
  socket.on('connect_error', end);
  // The connection is lost, not closed in good order.
  const drop = (): void => {
    if (socket.connected) socket.io.engine.close();
    socket.disconnect();
    end();
  };
  return { ended, drop };
}

function events(
  port: number,
  path: string,
  headers: Record<string, string>,
  check: StreamCheck,
  onId: (id: string) => void = () => undefined,
): Connection {
  const asked = request({ host: '127.0.0.1', port, path, headers, agent: false });
  asked.on('response', (response: IncomingMessage) => {
    let rest = '';
    response.setEncoding('utf8');
    response.on('error', () => undefined);
    if (response.headers['content-type'] !== 'text/event-stream') {
      response.resume();
      return;
    }
    response.on('data', (text: string) => {
      const blocks = `${rest}${text}`.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) check.take(data);
        const id = /^id: (.*)$/m.exec(block)?.[1];
        if (id !== undefined) onId(id);
      }
    });
  });
  asked.on('error', () => undefined);
  asked.end();
  return {
    ended: new Promise((resolve) => asked.once('close', () => resolve())),
    drop: () => asked.destroy(),
  };
}
