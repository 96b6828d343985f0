import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** Stands between clients and a TCP server that know nothing of it. A connection that breaks on one side breaks on the other. */
export abstract class TcpProxy {
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();

  protected constructor(host: string, port: number) {
    this.#server.on('connection', (client) => this.#join(client, createConnection({ host, port })));
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy is closed');
    return address.port;
  }

  async close(): Promise<void> {
    this.breakAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  protected async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  protected breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Called once for each connection of a client, with its own to the server. */
  protected abstract carry(client: Socket, server: Socket): void;

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
    this.carry(client, server);
  }
}
