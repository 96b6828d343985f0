/** Subscribers of an order at which nothing happens, on one api: what each of them costs in memory, and how many are held. */
import { readFileSync } from 'node:fs';
import { request, Agent, type IncomingMessage } from 'node:http';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { OwnApi } from '../own-api.ts';
import { postOrder } from '../post-order.ts';

export type Transport = 'Socket.IO' | 'WebSocket' | 'server-sent events';

export interface IdleFigures {
  readonly transport: Transport;
  readonly subscribers: number;
  /** Resident memory of the server for each subscriber beyond the first thousand. */
  readonly kilobytesEach: number;
  /** Still open at the end. */
  readonly held: number;
}

const CONNECTING_AT_A_TIME = 100;
/** The first ones also grow the heap's spaces and the caches. */
const WARM_UP = 1_000;

interface Subscriber {
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

export async function measureIdle(transport: Transport, subscribers: number): Promise<IdleFigures> {
  const own = new OwnApi();
  const open: Subscriber[] = [];
  try {
    const api = await own.start();
    const orderId = await postOrder(api.url);
    const agent = new Agent({ maxSockets: Infinity });
    let warm = 0;
    while (open.length < subscribers) {
      const count = Math.min(CONNECTING_AT_A_TIME, subscribers - open.length);
      open.push(
        ...(await Promise.all(Array.from({ length: count }, () => OPEN[transport](api.url, orderId, agent)))),
      );
      if (open.length === WARM_UP) warm = residentKilobytes(api.child.pid ?? 0);
    }
    const kilobytes = residentKilobytes(api.child.pid ?? 0) - warm;
    const held = open.filter((each) => each.isOpen()).length;
    return { transport, subscribers, kilobytesEach: kilobytes / (subscribers - WARM_UP), held };
  } finally {
    for (const each of open) each.close();
    await own.end();
  }
}

const OPEN: Record<Transport, (url: string, orderId: string, agent: Agent) => Promise<Subscriber>> = {
  'Socket.IO': async (url, orderId) => {
    const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    await socket.emitWithAck('subscribe', { orderId });
    return { isOpen: () => socket.connected, close: () => void socket.disconnect() };
  },
  WebSocket: async (url, orderId) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/api/orders/status/${orderId}`);
    await new Promise<void>((resolve, reject) => {
      ws.once('error', reject);
      ws.once('message', () => resolve());
    });
    return { isOpen: () => ws.readyState === ws.OPEN, close: () => ws.terminate() };
  },
  'server-sent events': async (url, orderId, agent) => {
    const asked = request(`${url}/api/orders/${orderId}/events`, { agent });
    asked.end();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve);
      asked.once('error', reject);
    });
    response.on('error', () => undefined);
    response.resume();
    return { isOpen: () => !response.destroyed, close: () => void asked.destroy() };
  },
};

function residentKilobytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
