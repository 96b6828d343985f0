/**
 * WebSockets that hand what one turn of the event loop sends to the kernel in one write, however many messages it is. A system call
 * a message is most of what a busy connection costs.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws';

type Data = Parameters<WebSocket['send']>[0];
type Options = Parameters<WebSocket['send']>[1];
type OnSent = (error?: Error) => void;

class BatchingWebSocket extends WebSocket {
  #connection: Duplex | null = null;
  #isCorked = false;

  /** Names the connection that the frames are written to. */
  writeTo(connection: Duplex): void {
    this.#connection = connection;
  }

  override send(data: Data, onSent?: OnSent): void;
  override send(data: Data, options: Options, onSent?: OnSent): void;
  override send(data: Data, second?: Options | OnSent, onSent?: OnSent): void {
    this.#cork();
    if (typeof second === 'object') super.send(data, second, onSent);
    else super.send(data, second);
  }

  /** What is corked counts as buffered, so that `bufferedAmount` stays true. */
  #cork(): void {
    const connection = this.#connection;
    if (connection === null || this.#isCorked) return;
    this.#isCorked = true;
    connection.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      connection.uncork();
    });
  }
}

export class BatchingWebSocketServer extends WebSocketServer<typeof BatchingWebSocket> {
  constructor(options: ServerOptions<typeof BatchingWebSocket>) {
    super({ ...options, WebSocket: BatchingWebSocket });
  }

  override handleUpgrade(
    request: IncomingMessage,
    connection: Duplex,
    head: Buffer,
    callback: (client: BatchingWebSocket, request: IncomingMessage) => void,
  ): void {
    super.handleUpgrade(request, connection, head, (client, upgraded) => {
      client.writeTo(connection);
      callback(client, upgraded);
    });
  }
}
