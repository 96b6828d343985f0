/** A Socket.IO client on long polling alone, by hand: it decides when a response is read. */
import { request, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { messageSchema, type Message } from '../../src/protocol/messages.ts';

const SEPARATOR = '\u001e';
const EVENT = '42["status",';
const openSchema = z.object({ sid: z.string() });

export class LongPolling {
  readonly messages: Message[] = [];
  readonly closed: Promise<void>;
  readonly #port: number;
  #sid = '';
  #isReading = false;
  #unread: IncomingMessage | null = null;
  #isPolling = false;
  #setClosed: () => void = () => undefined;

  private constructor(port: number) {
    this.#port = port;
    this.closed = new Promise((resolve) => (this.#setClosed = resolve));
  }

  static async connect(port: number): Promise<LongPolling> {
    const client = new LongPolling(port);
    const opened = await bodyOf(await client.#request('GET'));
    client.#sid = openSchema.parse(JSON.parse(opened.slice(1))).sid;
    await client.#post('40');
    return client;
  }

  async subscribe(orderId: string): Promise<void> {
    await this.#post(`42${JSON.stringify(['subscribe', { orderId }])}`);
  }

  /** Polls and reads from now on, beginning with the response that was left. */
  poll(): void {
    this.#isReading = true;
    // A failed poll is the end, too: the server has gone.
    if (this.#unread !== null || !this.#isPolling) this.#run().catch(() => this.#setClosed());
  }

  /** Leaves the next response unread. */
  stopReading(): void {
    this.#isReading = false;
  }

  /** Ends the session: Engine.IO would wait 30 s for a last poll. */
  async leave(): Promise<void> {
    await this.#post('1');
    await this.closed;
  }

  async #run(): Promise<void> {
    this.#isPolling = true;
    while (this.#isReading || this.#unread === null) {
      const response = this.#unread ?? (await this.#request('GET'));
      this.#unread = null;
      // Its head has come, its body waits in the kernel and on the server.
      if (!this.#isReading) this.#unread = response;
      else if (!this.#take(response.statusCode, await bodyOf(response))) break;
    }
    this.#isPolling = false;
  }

  /** @returns false: the connection has ended */
  #take(status: number | undefined, body: string): boolean {
    const packets = status === 200 ? body.split(SEPARATOR) : ['1'];
    for (const packet of packets) {
      if (packet.startsWith(EVENT)) {
        this.messages.push(messageSchema.parse(JSON.parse(packet.slice(EVENT.length, -1))));
      } else if (packet === '2') {
        void this.#post('3');
      } else if (packet === '1') {
        this.#setClosed();
        return false;
      }
    }
    return true;
  }

  async #post(body: string): Promise<void> {
    await bodyOf(await this.#request('POST', body));
  }

  #request(method: 'GET' | 'POST', body = ''): Promise<IncomingMessage> {
    const sid = this.#sid === '' ? '' : `&sid=${this.#sid}`;
    const path = `/socket.io/?EIO=4&transport=polling${sid}`;
    return new Promise((resolve, reject) => {
      const headers = { 'Content-Type': 'text/plain;charset=UTF-8' };
      request({ host: '127.0.0.1', port: this.#port, path, method, headers, agent: false }, resolve)
        .on('error', reject)
        .end(body);
    });
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(String(chunk)));
  return Buffer.concat(chunks).toString();
}
