import type { ServerResponse } from 'node:http';
import { isFinal } from '../../../machines/order/state.ts';
import { FillstreamError, type ErrorCode } from '../../errors.ts';
import type { After } from '../../protocol/fields.ts';
import type { Message, MessageOf } from '../../protocol/messages.ts';
import type { Clock } from '../../runtime/time.ts';
import { orderConnectionMessage } from '../core/control-messages.ts';
import { MessageText } from '../core/message-text.ts';
import type { Reader, ReaderGroup, Readers } from '../core/reader.ts';
import { EventStream } from './event-stream.ts';

/** All streams of server-sent events. */
export class SseGroup implements ReaderGroup {
  readonly text = new MessageText();

  broadcast(_orderId: string, readers: Readers, message: Message): void {
    for (const reader of readers.keys()) reader.send(message);
  }
}

interface SseReaderDeps {
  readonly group: SseGroup;
  readonly orderId: string;
  readonly after: After;
  readonly clock: Clock;
}

/**
 * A stream of one order. The response begins with `subscribed`: whatever goes wrong before is answered as an error. Where nothing of
 * an ended order is left it is 204 instead.
 */
export class SseReader implements Reader {
  readonly group: SseGroup;
  readonly #stream: EventStream;
  readonly #deps: SseReaderDeps;
  #refusal: FillstreamError | null = null;

  constructor(res: ServerResponse, deps: SseReaderDeps) {
    this.group = deps.group;
    this.#stream = new EventStream(res);
    this.#deps = deps;
  }

  /** Why the stream was closed before it began. */
  get refusal(): FillstreamError | null {
    return this.#refusal;
  }

  bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  send(message: Message): void {
    if (!this.#stream.hasBegun && message.type === 'subscribed') this.#begin(message);
    this.#stream.write(this.group.text.of(message), 'seq' in message ? message.seq : undefined);
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
    this.#stream.end();
  }

  #begin({ status, lastSeq, progress }: MessageOf<'subscribed'>): void {
    const { orderId, after, clock } = this.#deps;
    if (isFinal(status) && (after === 'latest' || after === lastSeq)) {
      this.#stream.endWithNothing();
      return;
    }
    this.#stream.begin();
    this.send(orderConnectionMessage(orderId, progress, clock.now()));
  }
}
