/**
 * Clients for the benchmarks: one Socket.IO connection an order, submissions over keep-alive HTTP. They do not use src/client,
 * because they share the measured machine: `fetch` and validated messages cost more CPU.
 */
import { Agent } from 'node:http';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { FeedCheck } from '../src/client/feed-check.ts';
import type { Message } from '../src/protocol/messages.ts';
import { submitJson } from './submit-json.ts';

export interface Watched {
  readonly orderId: string;
  /** From POST to the arrival of `confirmed`. */
  readonly confirmedAfterMs: number;
  /** For each entry: from its timestamp (taken before its commit) to its arrival. */
  readonly entryDelaysMs: readonly number[];
}

const CONNECTING_AT_A_TIME = 100;
const SOCKETS_FOR_SUBMISSIONS = 32;

export class LoadGenerator {
  readonly check = new FeedCheck();
  readonly #urls: readonly string[];
  readonly #sellAmount: bigint;
  readonly #idle: Socket[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_FOR_SUBMISSIONS });
  #connected = 0;
  #submitted = 0;

  /**
   * @param urls of the servers over which connections and submissions are spread
   * @param sellAmount about the amount of each order
   */
  constructor(urls: readonly string[], sellAmount = 10n ** 18n) {
    this.#urls = urls;
    this.#sellAmount = sellAmount;
  }

  /** Opens the orders' connections in advance, so that connecting is not measured. */
  async connect(count: number): Promise<void> {
    while (this.#idle.length < count) {
      const batch = Array.from({ length: Math.min(CONNECTING_AT_A_TIME, count - this.#idle.length) }, () =>
        this.#open(),
      );
      await Promise.all(batch.map((socket) => once(socket as never, 'connect')));
      this.#idle.push(...batch);
    }
  }

  /** Posts an order, watches it on its own connection, and resolves when it is confirmed. */
  async run(): Promise<Watched> {
    const socket = this.#idle.pop();
    if (socket === undefined)
      throw new Error('no connection is left: connect() must open one for each order');
    const startedAt = performance.now();
    const orderId = await this.#post();
    const entryDelaysMs: number[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on('status', (message: Message) => {
        if (!('seq' in message)) return;
        this.check.add(message);
        entryDelaysMs.push(Date.now() - Date.parse(message.timestamp));
        if (message.type === 'confirmed') resolve();
        if (message.type === 'failed') reject(new Error(`order ${orderId} failed: ${message.message}`));
      });
      socket.emit('subscribe', { orderId });
    });
    socket.off('status');
    this.#idle.unshift(socket);
    return { orderId, confirmedAfterMs: performance.now() - startedAt, entryDelaysMs };
  }

  close(): void {
    for (const socket of this.#idle) socket.disconnect();
    this.#agent.destroy();
  }

  #open(): Socket {
    this.#connected += 1;
    return io(this.#urlOf(this.#connected), {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
  }

  #urlOf(turn: number): string {
    return this.#urls[turn % this.#urls.length] ?? '';
  }

  async #post(): Promise<string> {
    this.#submitted += 1;
    const text = await submitJson(`${this.#urlOf(this.#submitted)}/api/orders/execute`, this.#agent, {
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: String(this.#sellAmount + BigInt(this.#submitted)),
    });
    return (JSON.parse(text) as { orderId: string }).orderId;
  }
}
