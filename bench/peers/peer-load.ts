/** Clients for a peer: one WebSocket an order, submissions over keep-alive HTTP, as in ../load.ts. */
import { once } from 'node:events';
import { Agent } from 'node:http';
import { WebSocket } from 'ws';
import { FeedCheck } from '../../src/client/feed-check.ts';
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import type { Watched } from '../load.ts';
import { submitJson } from '../submit-json.ts';

export interface PeerAddresses {
  readonly post: string;
  /** Where orders are watched. Null: a POST is answered when the order has ended. */
  readonly watch: string | null;
}

/** A transition of an order, with the order's states as types. */
interface Pushed extends Pick<JournaledMessage, 'orderId' | 'seq'> {
  readonly type: string;
  readonly timestamp: string;
}

const CONNECTING_AT_A_TIME = 100;
const SOCKETS_FOR_SUBMISSIONS = 32;

export class PeerLoad {
  readonly check = new FeedCheck();
  readonly #addresses: PeerAddresses;
  readonly #idle: WebSocket[] = [];
  readonly #agent: Agent;
  #submitted = 0;

  /** @param concurrency of the POSTs, where each of them waits for its order */
  constructor(addresses: PeerAddresses, concurrency: number) {
    this.#addresses = addresses;
    const maxSockets = addresses.watch === null ? concurrency : SOCKETS_FOR_SUBMISSIONS;
    this.#agent = new Agent({ keepAlive: true, maxSockets });
  }

  async connect(count: number): Promise<void> {
    const { watch } = this.#addresses;
    while (watch !== null && this.#idle.length < count) {
      const batch = Array.from(
        { length: Math.min(CONNECTING_AT_A_TIME, count - this.#idle.length) },
        () => new WebSocket(watch.replace('http', 'ws')),
      );
      // The first message is `connection`.
      await Promise.all(batch.map((socket) => once(socket, 'message')));
      this.#idle.push(...batch);
    }
  }

  /** Posts an order, watches it on its own connection, and resolves when it is confirmed. */
  async run(): Promise<Watched> {
    const startedAt = performance.now();
    const entryDelaysMs: number[] = [];
    if (this.#addresses.watch === null) {
      const orderId = await this.#post();
      return { orderId, confirmedAfterMs: performance.now() - startedAt, entryDelaysMs };
    }
    const socket = this.#idle.pop();
    if (socket === undefined)
      throw new Error('no connection is left: connect() must open one for each order');
    const orderId = await this.#post();
    await new Promise<void>((resolve, reject) => {
      socket.on('close', () => reject(new Error(`the connection of order ${orderId} was closed`)));
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as Pushed | { readonly type: string };
        if (!('seq' in message)) return;
        const isLast = message.type === 'confirmed';
        this.check.add({ ...message, type: isLast ? 'confirmed' : 'pending' });
        entryDelaysMs.push(Date.now() - Date.parse(message.timestamp));
        if (isLast) resolve();
      });
      socket.send(orderId);
    });
    socket.removeAllListeners('message');
    socket.removeAllListeners('close');
    this.#idle.unshift(socket);
    return { orderId, confirmedAfterMs: performance.now() - startedAt, entryDelaysMs };
  }

  close(): void {
    for (const socket of this.#idle) socket.terminate();
    this.#agent.destroy();
  }

  async #post(): Promise<string> {
    this.#submitted += 1;
    const text = await submitJson(this.#addresses.post, this.#agent, {
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: String(10n ** 18n + BigInt(this.#submitted)),
    });
    return orderIdOf(text);
  }
}

/** Restate names an order by its invocation. */
function orderIdOf(text: string): string {
  const reply = JSON.parse(text) as { readonly orderId?: string; readonly invocationId?: string };
  return reply.orderId ?? reply.invocationId ?? '';
}
