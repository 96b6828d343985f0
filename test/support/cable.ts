/** A TCP connection that can be cut, or carry nothing in one direction, between a client and a server that know nothing of it. */
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

export class Cable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  #isCut = false;
  #readsRequests = true;
  #holdsReplies = false;
  #heldText: string | null = null;
  #held: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(host: string, port: number): Promise<Cable> {
    const server = createServer();
    const cable = new Cable(server);
    server.on('connection', (client) => cable.#join(client, createConnection({ host, port })));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return cable;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the cable is closed');
    return address.port;
  }

  /** Every connection breaks, and none can be made. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Requests arrive; their answers do not. */
  holdReplies(): void {
    this.#holdsReplies = true;
  }

  /** What clients send is not read: it fills their buffers. */
  stopReading(): void {
    this.#readsRequests = false;
    for (const client of this.#clients) client.pause();
  }

  /** Requests that contain this text arrive when the cable is mended. */
  holdRequests(text: string): void {
    this.#heldText = text;
  }

  /** How many requests are held. */
  get held(): number {
    return this.#held.length;
  }

  mend(): void {
    this.#isCut = false;
    this.#readsRequests = true;
    for (const client of this.#clients) client.resume();
    this.#holdsReplies = false;
    this.#heldText = null;
    for (const send of this.#held.splice(0)) send();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    if (this.#isCut) {
      client.destroy();
      return;
    }
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    client.on('data', (data) => {
      const isHeld = this.#heldText !== null && data.includes(this.#heldText);
      if (isHeld) this.#held.push(() => server.write(data));
      else server.write(data);
    });
    if (!this.#readsRequests) client.pause();
    server.on('data', (data) => {
      if (!this.#holdsReplies) client.write(data);
    });
  }
}
