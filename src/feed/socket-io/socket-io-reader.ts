import type { Server, Socket } from 'socket.io';
import type { ErrorCode } from '../../errors.ts';
import type { Message, MessageOf } from '../../protocol/messages.ts';
import type { Reader, ReaderGroup, Readers } from '../core/reader.ts';

interface ServerToClient {
  status: (message: Message) => void;
}

interface BetweenServers {
  hints: (entries: unknown) => void;
}

/** Clients may send anything: it is read where it is handled. */
type ClientToServer = Record<string, (...sent: unknown[]) => void>;

export type FeedServer = Server<ClientToServer, ServerToClient, BetweenServers>;
export type FeedSocket = Socket<ClientToServer, ServerToClient, BetweenServers>;

/** How long a peer that was told to go may take to read why. */
const LEAVE_WITHIN_MS = 10_000;

function roomOf(orderId: string): string {
  return `order:${orderId}`;
}

export class SocketIoGroup implements ReaderGroup {
  readonly #io: FeedServer;

  constructor(io: FeedServer) {
    this.#io = io;
  }

  /** A broadcast encodes once for a room of any size, but costs a room of one more than a plain emit does. */
  broadcast(orderId: string, readers: Readers, message: Message): void {
    if (readers.size > 1) this.#io.local.to(roomOf(orderId)).emit('status', message);
    else for (const reader of readers.keys()) reader.send(message);
  }
}

/** A Socket.IO connection, with any number of orders. */
export class SocketIoReader implements Reader {
  readonly group: SocketIoGroup;
  readonly #socket: FeedSocket;
  /** Waits for its transport to be writable. */
  #queuedBytes = 0;
  /** Given to the transport in one go. */
  #batchBytes = 0;

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
    });
  }

  /**
   * Engine.IO hands its queue to the transport only when the transport has passed on all of the last batch, and has no
   * count of either: so they are counted here as they pass.
   */
  bufferedBytes(): number {
    const { transport } = this.#socket.conn;
    if (transport.writable) return this.#queuedBytes;
    // A WebSocket says how much of the batch is left; of a polling response it is known only when the next poll comes.
    const left = 'socket' in transport ? bufferedAmount(transport.socket) : null;
    return this.#queuedBytes + (left ?? this.#batchBytes);
  }

  send(message: Message): void {
    this.#socket.emit('status', message);
  }

  enter(orderId: string): void {
    void this.#socket.join(roomOf(orderId));
  }

  leave(orderId: string): void {
    void this.#socket.leave(roomOf(orderId));
  }

  end(): void {
    // The connection stays: it may watch other orders.
  }

  fail(_code: ErrorCode, error: MessageOf<'error'>): void {
    this.send(error);
  }

  close(_code: ErrorCode, errors: readonly MessageOf<'error'>[]): void {
    for (const error of errors) this.send(error);
    const { conn } = this.#socket;
    // Waits until what is queued was read; who does not read at all is not waited for.
    const timer = setTimeout(() => conn.close(true), LEAVE_WITHIN_MS);
    conn.once('close', () => clearTimeout(timer));
    // Not `disconnect`: Socket.IO's client takes that for a dismissal and stays away. A connection that closes it opens anew.
    conn.close();
  }
}

function bufferedAmount(socket: unknown): number | null {
  if (typeof socket !== 'object' || socket === null || !('bufferedAmount' in socket)) return null;
  return typeof socket.bufferedAmount === 'number' ? socket.bufferedAmount : null;
}
