import { Socket as NetSocket } from 'node:net';
import type { Server, Socket } from 'socket.io';
import type { ErrorCode } from '../../errors.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { readProgress } from '../core/read-progress.ts';
import type { Reader, ReaderGroup, Readers, Sent } from '../core/reader.ts';

interface ServerToClient {
  status: (message: Sent) => void;
}

interface BetweenServers {
  hints: (entries: unknown, owners?: unknown) => void;
}

/** Clients may send anything: `socket-io-requests.ts` checks it. */
type ClientToServer = Record<string, (...sent: unknown[]) => void>;

export type FeedServer = Server<ClientToServer, ServerToClient, BetweenServers>;
export type FeedSocket = Socket<ClientToServer, ServerToClient, BetweenServers>;

/**
 * How long a long-polling client may take to fetch its last messages before its session is dropped. As long as `ws` waits for the
 * peer's close frame.
 */
const LAST_POLL_WITHIN_MS = 30_000;

/** Socket.IO has a room of each connection's own, named by its id. */
function nameOf(room: string): string {
  return `feed:${room}`;
}

export class SocketIoGroup implements ReaderGroup {
  readonly #io: FeedServer;
  /** WebSockets that Engine.IO has given up, and whose last messages are still to be read. */
  readonly #closing = new Set<ClosableSocket>();

  constructor(io: FeedServer) {
    this.#io = io;
  }

  /** A broadcast encodes once for a room of any size. For a room of one, a plain emit is cheaper. */
  broadcast(room: string, readers: Readers, message: Sent): void {
    if (readers.size > 1) this.#io.local.to(nameOf(room)).emit('status', message);
    else for (const reader of readers.keys()) reader.send(message);
  }

  get closingCount(): number {
    return this.#closing.size;
  }

  keepUntilClosed(ws: ClosableSocket): void {
    this.#closing.add(ws);
    ws.once('close', () => this.#closing.delete(ws));
  }

  terminateClosing(): void {
    for (const ws of this.#closing) ws.terminate();
  }
}

/** A Socket.IO connection, with any number of orders. */
export class SocketIoReader implements Reader {
  readonly group: SocketIoGroup;
  readonly #socket: FeedSocket;
  /** In Engine.IO's queue, until the transport is writable. */
  #queuedBytes = 0;
  /** Given to the transport together. */
  #batchBytes = 0;
  #batches = 0;

  constructor(socket: FeedSocket, group: SocketIoGroup) {
    this.#socket = socket;
    this.group = group;
    socket.conn.on('packetCreate', (packet: { data?: unknown }) => {
      const { data } = packet;
      if (typeof data === 'string' || Buffer.isBuffer(data)) this.#queuedBytes += data.length;
    });
    socket.conn.on('flush', () => {
      this.#batchBytes = this.#queuedBytes;
      this.#queuedBytes = 0;
      this.#batches += 1;
    });
  }

  /**
   * Engine.IO gives its queue to the transport only when the transport has sent all of the last batch, and counts neither. So they
   * are counted here.
   */
  bufferedBytes(): number {
    const { transport } = this.#socket.conn;
    if (transport.writable) return this.#queuedBytes;
    // A WebSocket knows how much of the batch is left; a polling response counts as unread until the next poll.
    const left = 'socket' in transport ? bufferedAmount(transport.socket) : null;
    return this.#queuedBytes + (left ?? this.#batchBytes);
  }

  /** With long polling alone a poll shows it, which takes the next batch. */
  readProgress(): string {
    const { transport } = this.#socket.conn;
    const socket = 'socket' in transport ? netSocketOf(transport.socket) : null;
    return socket === null ? `batch ${this.#batches}` : readProgress(socket);
  }

  send(message: Sent): void {
    this.#socket.emit('status', message);
  }

  joinRoom(room: string): void {
    void this.#socket.join(nameOf(room));
  }

  leaveRoom(room: string): void {
    void this.#socket.leave(nameOf(room));
  }

  endSubscription(): void {
    // The connection stays open: it may watch other orders.
  }

  failSubscription(_code: ErrorCode, error: MessageOf<'error'>): void {
    this.send(error);
  }

  /**
   * A client that stopped reading and reads again gets everything that was sent before, the errors, and the end of the
   * connection; with a WebSocket within 30 s, with long polling also before a ping has been unanswered for Engine.IO's
   * `pingTimeout` (20 s).
   */
  close(_code: ErrorCode, errors: readonly MessageOf<'error'>[]): void {
    const { conn } = this.#socket;
    const ws = closableSocket(conn.transport);
    for (const [index, error] of errors.entries()) {
      // Engine.IO queues while a WebSocket has unsent bytes, and drops that queue when it closes. `ws` has another queue,
      // which it sends before the close frame: so everything is moved there.
      if (ws !== null && index === errors.length - 1) conn.transport.writable = true;
      this.send(error);
    }
    if (ws !== null) {
      this.group.keepUntilClosed(ws);
    } else {
      const timer = setTimeout(() => conn.close(true), LAST_POLL_WITHIN_MS);
      conn.once('close', () => clearTimeout(timer));
    }
    // Not `disconnect`: after that Socket.IO's client does not reconnect by itself; after a closed connection it does.
    conn.close();
  }
}

/** A WebSocket of `ws`, as far as it is closed here. */
interface ClosableSocket {
  once(event: 'close', listener: () => void): unknown;
  terminate(): void;
}

/** The WebSocket of an Engine.IO transport; null for long polling. */
function closableSocket(transport: object): ClosableSocket | null {
  if (!('socket' in transport)) return null;
  const { socket } = transport;
  return isClosableSocket(socket) ? socket : null;
}

function isClosableSocket(socket: unknown): socket is ClosableSocket {
  if (typeof socket !== 'object' || socket === null || !('once' in socket && 'terminate' in socket))
    return false;
  return typeof socket.once === 'function' && typeof socket.terminate === 'function';
}

function bufferedAmount(socket: unknown): number | null {
  if (typeof socket !== 'object' || socket === null || !('bufferedAmount' in socket)) return null;
  return typeof socket.bufferedAmount === 'number' ? socket.bufferedAmount : null;
}

/** That of a WebSocket of `ws`. */
function netSocketOf(ws: unknown): NetSocket | null {
  if (typeof ws !== 'object' || ws === null || !('_socket' in ws)) return null;
  return ws._socket instanceof NetSocket ? ws._socket : null;
}
