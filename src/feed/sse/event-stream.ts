/** The response of a stream of server-sent events: its head, its events, and its end. */
import type { ServerResponse } from 'node:http';
import { EVERY_ANSWER } from '../../edge/send.ts';
import { readProgress } from '../core/read-progress.ts';

const HEAD = {
  ...EVERY_ANSWER,
  'Content-Type': 'text/event-stream',
  // nginx would otherwise collect events until a buffer is full.
  'X-Accel-Buffering': 'no',
} as const;

/** How long an `EventSource` waits before it connects again. */
const RETRY_MS = 1_000;

/** How long a client may take to read what was written before the end. As long as `ws` waits for the peer's close frame. */
const LAST_READ_WITHIN_MS = 30_000;

export class EventStream {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse) {
    this.#res = res;
    // The client may be gone at any time; `close` says so.
    res.on('error', () => undefined);
  }

  get hasBegun(): boolean {
    return this.#res.headersSent;
  }

  /** What was written and is still in this process's memory. */
  get bufferedBytes(): number {
    return this.#res.writableLength;
  }

  /** Null: the connection is gone. */
  get readProgress(): string | null {
    const { socket } = this.#res;
    return socket === null ? null : readProgress(socket);
  }

  /** A client that asked for the head alone gets it, and the end. */
  begin(): void {
    this.#res.writeHead(200, HEAD);
    if (this.#res.req.method === 'HEAD') {
      this.#res.end();
      return;
    }
    // Sent by itself the head is one string of some 300 bytes; sent with the first event it stays 36 parts, and their 1.2 KB.
    this.#res.flushHeaders();
    this.#res.write(`retry: ${RETRY_MS}\n\n`);
  }

  /** @param json without line breaks. @param id what the client comes back with, if it is not the one of the event before */
  write(json: string, id?: string): void {
    if (this.#res.writableEnded || this.#res.destroyed) return;
    this.#res.write(id === undefined ? `data: ${json}\n\n` : `id: ${id}\ndata: ${json}\n\n`);
  }

  /** @param ms how long an `EventSource` waits before it connects again */
  retryAfter(ms: number): void {
    if (this.#res.writableEnded || this.#res.destroyed) return;
    this.#res.write(`retry: ${ms}\n\n`);
  }

  /** An `EventSource` that gets 204 does not come back. */
  endWithNothing(): void {
    this.#res.writeHead(204, EVERY_ANSWER).end();
  }

  end(): void {
    if (this.#res.writableEnded || this.#res.destroyed) return;
    const timer = setTimeout(() => this.#res.destroy(), LAST_READ_WITHIN_MS);
    this.#res.once('close', () => clearTimeout(timer));
    this.#res.end();
  }
}
