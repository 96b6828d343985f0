/** Plain clients: they keep what they are sent, in order, and repair nothing. */
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { WebSocket, type ClientOptions } from 'ws';
import {
  messageSchema,
  ordersMessageSchema,
  type Message,
  type OrdersMessage,
} from '../../src/protocol/messages.ts';
import { afterEveryTest } from '../support/clean-up.ts';
import { eventually } from '../support/eventually.ts';
import { soon } from '../support/soon.ts';

/** Ends each client of a test, also where the test failed: one that is paused would keep the process alive. */
const ends = new Set<() => void>();
afterEveryTest(() => {
  for (const end of ends) end();
  ends.clear();
});

export interface WsClient {
  readonly ws: WebSocket;
  readonly messages: Message[];
  /** The code that it was closed with. It is waited for from when it is awaited, and not without end. */
  readonly closed: PromiseLike<number>;
  /** Waits until that many have come. */
  readonly first: (count: number, withinMs?: number) => Promise<readonly Message[]>;
}

export function watchByWebSocket(port: number, path: string, options: ClientOptions = {}): WsClient {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/api/orders/status/${path}`, options);
  const messages: Message[] = [];
  ws.on('message', (data: Buffer) => messages.push(messageSchema.parse(JSON.parse(data.toString()))));
  ws.on('error', () => undefined);
  ends.add(() => ws.terminate());
  const closing = new Promise<number>((resolve) => ws.once('close', resolve));
  const closed: PromiseLike<number> = {
    then: (onCode, onError) =>
      soon(`the close of the WebSocket for ${path}`, closing, 20_000).then(onCode, onError),
  };
  const first = (count: number, withinMs = 10_000) =>
    eventually(
      () => messages,
      ({ length }) => length >= count,
      withinMs,
    );
  return { ws, messages, closed, first };
}

export interface IoClient {
  readonly socket: Socket;
  readonly messages: Message[];
  /** Those that describe a stream of all orders. */
  readonly scoped: OrdersMessage[];
  readonly of: (orderId: string) => Message[];
  readonly subscribe: (payload: unknown) => Promise<Record<string, unknown>>;
  readonly unsubscribe: (payload: unknown) => Promise<Record<string, unknown>>;
}

const answerSchema = z.record(z.string(), z.unknown());

export function connectSocketIo(port: number, transports = ['websocket']): IoClient {
  const socket = io(`http://127.0.0.1:${port}`, { transports, reconnection: false, forceNew: true });
  ends.add(() => socket.disconnect());
  const messages: Message[] = [];
  const scoped: OrdersMessage[] = [];
  socket.on('status', (message: unknown) => {
    const ofAllOrders = ordersMessageSchema.safeParse(message);
    if (ofAllOrders.success) scoped.push(ofAllOrders.data);
    else messages.push(messageSchema.parse(message));
  });
  const ask =
    (event: string) =>
    async (payload: unknown): Promise<Record<string, unknown>> =>
      answerSchema.parse(await socket.timeout(10_000).emitWithAck(event, payload));
  return {
    socket,
    messages,
    scoped,
    of: (orderId) => messages.filter((message) => message.orderId === orderId),
    subscribe: ask('subscribe'),
    unsubscribe: ask('unsubscribe'),
  };
}

/** The client's own WebSocket, to hold it still. */
export function rawSocket(client: IoClient): { pause(): void; resume(): void } {
  const transport: unknown = client.socket.io.engine.transport;
  if (typeof transport === 'object' && transport !== null && 'ws' in transport) {
    const { ws } = transport;
    if (typeof ws === 'object' && ws !== null && 'pause' in ws && 'resume' in ws) {
      const { pause, resume } = ws;
      if (typeof pause === 'function' && typeof resume === 'function') {
        return { pause: () => void pause.call(ws), resume: () => void resume.call(ws) };
      }
    }
  }
  throw new Error('expected the client to use a WebSocket of `ws`');
}

/** The `seq` of the journaled ones, in the order in which they came. */
export function seqsOf(messages: readonly Message[]): number[] {
  return messages.flatMap((message) => ('seq' in message ? [message.seq] : []));
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
