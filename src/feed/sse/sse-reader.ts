import type { ServerResponse } from 'node:http';
import { isFinal } from '../../../machines/order/state.ts';
import { FillstreamError, type ErrorCode } from '../../errors.ts';
import type { After } from '../../protocol/fields.ts';
import type { Message, MessageOf } from '../../protocol/messages.ts';
import { connectionMessage, orderConnectionMessage } from '../core/control-messages.ts';
import { MessageText } from '../core/message-text.ts';
import type { Reader, ReaderGroup, Readers, Sent } from '../core/reader.ts';
import { EventStream } from './event-stream.ts';

/** All streams of server-sent events. */
export class SseGroup implements ReaderGroup {
  readonly text: MessageText;

  constructor(text: MessageText) {
    this.text = text;
  }

  broadcast(_room: string, readers: Readers, message: Sent, token?: string): void {
    for (const reader of readers.keys()) reader.send(message, token);
  }
}

/** What a stream is about. */
export interface StreamSubject {
  /** The message before the first one; null: there is nothing to stream. */
  greet(first: Sent): Message | null;
  /** What an `EventSource` comes back with after this event; undefined: with what it had. */
  idOf(message: Sent, token: string | undefined): string | undefined;
}

export function oneOrder(orderId: string, after: After, now: () => number): StreamSubject {
  return {
    greet: (first) => {
      if (first.type !== 'subscribed' || 'scope' in first) return connectionMessage(now());
      const { status, lastSeq, progress } = first;
      const isNothingLeft = isFinal(status) && (after === 'latest' || after === lastSeq);
      return isNothingLeft ? null : orderConnectionMessage(orderId, progress, now());
    },
    idOf: (message) => ('seq' in message ? String(message.seq) : undefined),
  };
}

export function allOrders(now: () => number): StreamSubject {
  let last: string | undefined;
  return {
    greet: () => connectionMessage(now()),
    idOf: (message, token = 'token' in message ? message.token : undefined) => {
      if (token === undefined || token === last) return undefined;
      last = token;
      return token;
    },
  };
}

/**
 * One stream. The response begins with the first message, which is `subscribed`: whatever goes wrong before is answered as an error. Where
 * nothing is left to stream it is 204 instead.
 */
export class SseReader implements Reader {
  readonly group: SseGroup;
  readonly #stream: EventStream;
  readonly #subject: StreamSubject;
  #refusal: FillstreamError | null = null;

  constructor(res: ServerResponse, group: SseGroup, subject: StreamSubject) {
    this.group = group;
    this.#stream = new EventStream(res);
    this.#subject = subject;
  }

  /** Why the stream was closed before it began. */
  get refusal(): FillstreamError | null {
    return this.#refusal;
  }

  bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  readProgress(): string | null {
    return this.#stream.readProgress;
  }

  send(message: Sent, token?: string): void {
    if (!this.#stream.hasBegun) this.#begin(message);
    this.#stream.write(this.group.text.of(message), this.#subject.idOf(message, token));
  }

  joinRoom(): void {
    // The group sends to each reader.
  }

  leaveRoom(): void {
    // See joinRoom.
  }

  endSubscription(): void {
    this.#stream.end();
  }

  failSubscription(code: ErrorCode, error: MessageOf<'error'>): void {
    this.close(code, [error]);
  }

  close(code: ErrorCode, errors: readonly MessageOf<'error'>[]): void {
    if (!this.#stream.hasBegun) {
      const message = errors[0]?.message ?? code;
      this.#refusal = new FillstreamError(code, message, { retryAfterSeconds: 1 });
      return;
    }
    for (const error of errors) this.send(error);
    const retryAfterMs = errors.at(-1)?.retryAfterMs;
    if (retryAfterMs !== undefined) this.#stream.retryAfter(retryAfterMs);
    this.#stream.end();
  }

  #begin(first: Sent): void {
    const greeting = this.#subject.greet(first);
    if (greeting === null) {
      this.#stream.endWithNothing();
      return;
    }
    this.#stream.begin();
    this.#stream.write(this.group.text.of(greeting));
  }
}
