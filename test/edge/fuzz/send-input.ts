/** Sends drawn inputs to a server, and says what came of each. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { soon } from '../../support/soon.ts';
import type { FuzzedStack, Orders } from './fuzzed-stack.ts';
import {
  CREDENTIALS,
  ORDERS,
  type BytesInput,
  type EventInput,
  type Input,
  type PacketsInput,
  type PollingInput,
  type RestInput,
  type WebSocketInput,
} from './inputs.ts';

/** What came: a status, a close code, or how an event was acknowledged. `closed`: the connection ended without it. */
export interface Outcome {
  readonly what: string;
  readonly isFault: boolean;
}

const ANSWERED_WITHIN_MS = 20_000;
/** The close code of a defect of the server. */
const INTERNAL_ERROR = 1011;

export class Sender {
  readonly #stack: FuzzedStack;
  readonly #agent: Agent;
  #orders: Orders;
  #socket: Promise<Socket> | null = null;

  constructor(stack: FuzzedStack, orders: Orders, inFlight: number) {
    this.#stack = stack;
    this.#orders = orders;
    this.#agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  }

  /** Later inputs name other orders, and events come on another connection: one may send a bounded number at once. */
  async renew(orders: Orders): Promise<void> {
    this.#orders = orders;
    (await this.#socket)?.disconnect();
    this.#socket = null;
  }

  async send(input: Input): Promise<Outcome> {
    try {
      return await soon('an answer', this.#send(input), ANSWERED_WITHIN_MS);
    } catch (thrown) {
      return { what: `${input.door}: ${String(thrown)}`, isFault: true };
    }
  }

  async close(): Promise<void> {
    (await this.#socket)?.disconnect();
    this.#agent.destroy();
  }

  #send(input: Input): Promise<Outcome> {
    switch (input.door) {
      case 'REST':
        return this.#request(input);
      case 'bytes':
        return this.#sendBytes(input);
      case 'WebSocket':
        return this.#visit(input, this.#named(input.address), input.frames);
      case 'packets':
        return this.#visit(input, '/socket.io/?EIO=4&transport=websocket', input.packets);
      case 'Socket.IO':
        return this.#emit(input);
      case 'polling':
        return this.#post(input);
    }
  }

  #request({ method, address, credentials, headers, body }: RestInput): Promise<Outcome> {
    const sends = method === 'POST' || method === 'PUT';
    return new Promise((resolve) => {
      const done = (status: number): void => resolve(outcomeOf('REST', status));
      const sent = request(
        {
          port: this.#stack.port,
          host: '127.0.0.1',
          agent: this.#agent,
          method,
          path: this.#named(address),
          headers: {
            ...this.#authorization(credentials),
            ...(sends
              ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
              : {}),
            ...headers,
          },
        },
        (response) => {
          const { statusCode = 0 } = response;
          response.on('error', () => undefined).once('close', () => done(statusCode));
          // A stream does not end by itself.
          if (response.headers['content-type'] === 'text/event-stream')
            response.once('data', () => response.destroy());
          else response.resume();
        },
      );
      sent.on('error', () => done(0));
      sent.end(sends ? body : undefined);
    });
  }

  #sendBytes({ bytes }: BytesInput): Promise<Outcome> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect(this.#stack.port, '127.0.0.1', () => socket.end(bytes));
      socket.setEncoding('latin1');
      socket.on('data', (part: string) => (answer += part));
      socket.on('error', () => undefined);
      socket.once('close', () =>
        resolve(outcomeOf('bytes', Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0))),
      );
    });
  }

  /** Opens a WebSocket, sends its frames, and closes it. */
  #visit(
    { door, credentials }: WebSocketInput | PacketsInput,
    address: string,
    frames: readonly (string | Uint8Array)[],
  ): Promise<Outcome> {
    return new Promise((resolve) => {
      const ws = new WebSocket(`ws://127.0.0.1:${this.#stack.port}${address}`, {
        headers: this.#authorization(credentials),
      });
      ws.once('unexpected-response', (sent, response) => {
        resolve(outcomeOf(door, response.statusCode ?? 0));
        sent.destroy();
      });
      ws.once('error', () => resolve({ what: `${door} closed`, isFault: false }));
      ws.once('close', (code) => resolve({ what: `${door} ${code}`, isFault: code === INTERNAL_ERROR }));
      ws.once('open', () => {
        for (const frame of frames) ws.send(typeof frame === 'string' ? this.#named(frame) : frame);
        ws.close();
      });
    });
  }

  async #emit({ event, payloads }: EventInput): Promise<Outcome> {
    const socket = await this.#connected();
    const sent = z.array(z.unknown()).parse(JSON.parse(this.#named(JSON.stringify(payloads))));
    const gone = new Promise<Outcome>((resolve) =>
      socket.once('disconnect', (why) => resolve({ what: `Socket.IO ${why}`, isFault: false })),
    );
    const acknowledged = socket
      .emitWithAck(event, ...sent)
      .then((answer: unknown) => ({ what: `Socket.IO ${acknowledgement(answer)}`, isFault: false }));
    return Promise.race([acknowledged, gone]);
  }

  /** A session takes packets until one of them ends it: each input has its own. */
  async #post({ method, query, contentType, body }: PollingInput): Promise<Outcome> {
    const address = `http://127.0.0.1:${this.#stack.port}/socket.io/?EIO=4&transport=polling`;
    const handshake = await (await fetch(address)).text();
    const sid = /"sid":"([^"]+)"/.exec(handshake)?.[1] ?? '';
    const answer = await fetch(`${address}&sid=${sid}&${query}`, {
      method,
      headers: { 'content-type': contentType },
      ...(method === 'POST' || method === 'PUT'
        ? { body: typeof body === 'string' ? this.#named(body) : Buffer.from(body) }
        : {}),
    });
    await answer.arrayBuffer();
    return outcomeOf('polling', answer.status);
  }

  #connected(): Promise<Socket> {
    this.#socket ??= this.#open();
    return this.#socket;
  }

  async #open(): Promise<Socket> {
    const socket = io(`http://127.0.0.1:${this.#stack.port}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token: this.#stack.credentials.OPERATOR },
    });
    socket.once('disconnect', () => (this.#socket = null));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', reject);
    });
    return socket;
  }

  #named(text: string): string {
    return ORDERS.reduce((named, each) => named.replaceAll(each, this.#orders[each]), text);
  }

  #authorization(credentials: string | null): { readonly authorization?: string } {
    if (credentials === null) return {};
    const name = CREDENTIALS.find((each) => each === credentials);
    return { authorization: name === undefined ? credentials : `Bearer ${this.#stack.credentials[name]}` };
  }
}

function outcomeOf(door: string, status: number): Outcome {
  return { what: `${door} ${status === 0 ? 'closed' : status}`, isFault: status >= 500 };
}

function acknowledgement(answer: unknown): string {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true
    ? 'ok'
    : 'refused';
}
