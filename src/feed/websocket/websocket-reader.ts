import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { ERRORS, type ErrorCode } from '../../errors.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { Clock } from '../../runtime/time.ts';
import { readProgress } from '../core/read-progress.ts';
import { orderConnectionMessage } from '../core/control-messages.ts';
import { MessageText } from '../core/message-text.ts';
import type { Reader, ReaderGroup, Readers, Sent } from '../core/reader.ts';

/** All plain WebSockets. A message that is sent to several of them in a row is encoded once. */
export class WebSocketGroup implements ReaderGroup {
  readonly text: MessageText;

  constructor(text: MessageText) {
    this.text = text;
  }

  broadcast(_room: string, readers: Readers, message: Sent): void {
    for (const reader of readers.keys()) reader.send(message);
  }
}

/** How long `connection` waits for the order's progress from the store. */
const GREET_WITHIN_MS = 500;

/** A WebSocket that watches one order. Its first message is `connection`, or the error that ends it. */
export class WebSocketReader implements Reader {
  readonly group: WebSocketGroup;
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #orderId: string;
  readonly #clock: Clock;
  #greeting: NodeJS.Timeout | null;

  /** @param socket that of the WebSocket */
  constructor(ws: WebSocket, socket: Socket, orderId: string, group: WebSocketGroup, clock: Clock) {
    this.#ws = ws;
    this.#socket = socket;
    this.#orderId = orderId;
    this.group = group;
    this.#clock = clock;
    this.#greeting = setTimeout(() => this.#greet(0), GREET_WITHIN_MS);
    ws.once('close', () => this.#greeted());
  }

  bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  readProgress(): string {
    return readProgress(this.#socket);
  }

  send(message: Sent): void {
    if (message.type === 'subscribed' && 'progress' in message) this.#greet(message.progress);
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(this.group.text.of(message));
  }

  joinRoom(): void {
    // The group sends to each reader.
  }

  leaveRoom(): void {
    // See joinRoom.
  }

  endSubscription(): void {
    this.#ws.close(1000, 'The order has ended');
  }

  failSubscription(code: ErrorCode, error: MessageOf<'error'>): void {
    this.close(code, [error]);
  }

  close(code: ErrorCode, errors: readonly MessageOf<'error'>[]): void {
    this.#greeted();
    for (const error of errors) this.send(error);
    this.#ws.close(ERRORS[code].closeCode ?? ERRORS.internal_error.closeCode, code);
  }

  #greet(progress: number): void {
    if (this.#greeting === null) return;
    this.#greeted();
    this.send(orderConnectionMessage(this.#orderId, progress, this.#clock.now()));
  }

  #greeted(): void {
    if (this.#greeting !== null) clearTimeout(this.#greeting);
    this.#greeting = null;
  }
}
