/** A proxy between the workers and the chain's node. It fails in the ways of networks and nodes. */
import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Branch } from './branch.ts';
import { behind } from './profiles/node-rules.ts';
import { askerOf, NodeError, requestSchema } from './profiles/ruled-rpc.ts';

const AGENT_SOCKETS = 64;
const BLOCKS_BEHIND = 3n;
const SECOND_VIEW = behind(BLOCKS_BEHIND);

export class DisturbedRpc {
  readonly #nodeUrl: () => string;
  readonly #random: () => number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AGENT_SOCKETS });
  #server: Server | null = null;
  #port = 0;
  #cuts = 0;
  #lagging = 0;
  #losing = 0;
  #refusing = 0;
  #behind = 0;
  /** Branches that one of two nodes stays on. */
  readonly #branches = new Set<Branch>();
  #otherViews = 0;
  #receiptsHidden = 0;
  #repliesLost = 0;
  #requestsFailed = 0;
  #requestsCut = 0;

  private constructor(nodeUrl: () => string, random: () => number) {
    this.#nodeUrl = nodeUrl;
    this.#random = random;
  }

  static async start(nodeUrl: () => string, random: () => number): Promise<DisturbedRpc> {
    const rpc = new DisturbedRpc(nodeUrl, random);
    await rpc.#listen();
    return rpc;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get counts() {
    return {
      'receipts hidden': this.#receiptsHidden,
      'answers of a second view': this.#otherViews,
      'replies lost': this.#repliesLost,
      'requests that the node did not answer': this.#requestsFailed,
      'requests cut': this.#requestsCut,
    };
  }

  /** Hides most receipts, like a lagging node, but not all, like one of several nodes. */
  async lagReceipts(ms: number): Promise<void> {
    this.#lagging += 1;
    await sleep(ms);
    this.#lagging -= 1;
  }

  /** Half of the requests reach a second node, which is some blocks behind. */
  async fallBehind(ms: number): Promise<void> {
    this.#behind += 1;
    await sleep(ms);
    this.#behind -= 1;
  }

  /** Half of the requests reach a second node, which stays on a branch that lost. */
  async stayOn(branch: Branch, ms: number): Promise<void> {
    this.#branches.add(branch);
    await sleep(ms);
    this.#branches.delete(branch);
  }

  /** Passes all requests on, and loses half of the replies. */
  async loseReplies(ms: number): Promise<void> {
    this.#losing += 1;
    await sleep(ms);
    this.#losing -= 1;
  }

  /** Refuses connections. */
  async refuse(ms: number): Promise<void> {
    this.#refusing += 1;
    if (this.#refusing === 1) await this.#stopListening();
    await sleep(ms);
    this.#refusing -= 1;
    if (this.#refusing === 0) await this.#listen();
  }

  /** Connections stay open, but pass nothing on. */
  async cut(ms: number): Promise<void> {
    this.#cuts += 1;
    await sleep(ms);
    this.#cuts -= 1;
    if (this.#cuts === 0) this.#server?.closeAllConnections();
  }

  async close(): Promise<void> {
    await this.#stopListening();
    this.#agent.destroy();
  }

  async #listen(): Promise<void> {
    const server = createServer((incoming, outgoing) => {
      void this.#pass(incoming, outgoing).catch(() => incoming.socket.destroy());
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const isClosed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await isClosed;
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await textOf(incoming);
    if (this.#cuts > 0) {
      this.#requestsCut += 1;
      return;
    }
    const answer = (await this.#secondView(body)) ?? (await this.#ask(body));
    if (this.#losing > 0 && this.#random() < 0.5) {
      this.#repliesLost += 1;
      incoming.socket.destroy();
      return;
    }
    const isHidden =
      this.#lagging > 0 && body.includes('"eth_getTransactionReceipt"') && this.#random() < 0.8;
    if (isHidden) this.#receiptsHidden += 1;
    outgoing
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(isHidden ? withoutResult(answer) : answer);
  }

  /** Null: the first node is asked. */
  async #secondView(body: string): Promise<string | null> {
    if ((this.#behind === 0 && this.#branches.size === 0) || this.#random() < 0.5) return null;
    const { id, method, params } = requestSchema.parse(JSON.parse(body));
    const reply = (answer: object): string => JSON.stringify({ jsonrpc: '2.0', id, ...answer });
    for (const branch of this.#branches) {
      const result = branch.answer(method, params);
      if (result === undefined) continue;
      this.#otherViews += 1;
      return reply({ result });
    }
    if (this.#behind === 0) return null;
    this.#otherViews += 1;
    try {
      return reply({ result: await SECOND_VIEW({ method, params }, askerOf(this.#nodeUrl())) });
    } catch (thrown) {
      if (thrown instanceof NodeError) return reply({ error: thrown.error });
      throw thrown;
    }
  }

  #ask(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const asked = request(
        this.#nodeUrl(),
        { method: 'POST', agent: this.#agent, headers: { 'Content-Type': 'application/json' } },
        (answer) => void textOf(answer).then(resolve, reject),
      );
      asked.once('error', (error) => {
        this.#requestsFailed += 1;
        reject(error);
      });
      asked.end(body);
    });
  }
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message) text += String(chunk);
  return text;
}

/** @param answer to a single request, not to a batch */
function withoutResult(answer: string): string {
  const { id } = JSON.parse(answer) as { id: number };
  return JSON.stringify({ jsonrpc: '2.0', id, result: null });
}
