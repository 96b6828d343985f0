/** HTTP and WebSockets of a peer's program: bare node:http and ws, which cost less than a framework. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { ENDED, type Facts, type OrderTerms } from './order-work.ts';

/** Takes an order, and resolves with its id once it is stored. */
export type Submit = (terms: OrderTerms) => Promise<string>;

/**
 * The watchers of orders. Messages are kept in this process until their order has ended and was watched, so that a subscription
 * that comes late gets them. After a restart, or in a second process, they are missing: that is what these peers do not promise.
 */
export class Watchers {
  readonly #messages = new Map<string, string[]>();
  readonly #sockets = new Map<string, WebSocket>();

  /** Sends a transition to the order's watcher. It is to be stored before. */
  push(orderId: string, state: string, facts: Facts): void {
    const messages = this.#messages.get(orderId) ?? [];
    const seq = messages.length + 1;
    const message = { type: state, orderId, seq, state, timestamp: new Date().toISOString(), ...facts };
    const text = JSON.stringify(message);
    messages.push(text);
    this.#messages.set(orderId, messages);
    const socket = this.#sockets.get(orderId);
    socket?.send(text);
    if (state === ENDED && socket !== undefined) this.#forget(orderId);
  }

  add(socket: WebSocket): void {
    socket.send(JSON.stringify({ type: 'connection' }));
    socket.on('message', (data: Buffer) => {
      const orderId = data.toString();
      const messages = this.#messages.get(orderId) ?? [];
      socket.send(JSON.stringify({ type: 'subscribed', orderId, lastSeq: messages.length }));
      for (const text of messages) socket.send(text);
      if (messages.at(-1)?.includes(`"state":"${ENDED}"`) === true) this.#forget(orderId);
      else this.#sockets.set(orderId, socket);
    });
  }

  #forget(orderId: string): void {
    this.#messages.delete(orderId);
    this.#sockets.delete(orderId);
  }
}

/** Serves `POST /orders`, `GET /ready` and the WebSockets on PORT. Without `submit`, orders are posted elsewhere. */
export async function serveOrders(watchers: Watchers, submit: Submit | null): Promise<void> {
  const server = createServer((request, response) => {
    if (request.url === '/ready') answer(response, 200, {});
    else if (submit === null) answer(response, 404, {});
    else void takeOrder(request, response, submit);
  });
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) =>
    watchers.add(socket),
  );
  // The default of 5 s closes connections that the benchmark is about to use.
  server.keepAliveTimeout = 65_000;
  server.listen(Number(setting('PORT')), '127.0.0.1');
  await once(server, 'listening');
}

/** @throws Error when the environment lacks it */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: expected it from the benchmark`);
  return value;
}

async function takeOrder(request: IncomingMessage, response: ServerResponse, submit: Submit): Promise<void> {
  try {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) body += String(chunk);
    const orderId = await submit(JSON.parse(body) as OrderTerms);
    answer(response, 201, { orderId });
  } catch (thrown) {
    answer(response, 500, { error: String(thrown) });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
