/**
 * Server-sent events, read from the body of a `fetch`: unlike `EventSource` it sends headers, and shows why a stream was refused. It
 * reads no faster than its reader pulls.
 */
import type { Message } from '../../protocol/messages.ts';
import { problemOf, queryOf, isRetryable } from '../rest.ts';
import { linkedAbort } from '../pause.ts';
import { silenceTimer } from './message-queue.ts';
import { isOrdersMessage, parseMessage } from './parse-message.ts';
import {
  endOf,
  Lost,
  type ConnectToOrder,
  type ConnectToOrders,
  type OrdersReceived,
  type Transport,
} from './transport.ts';

export interface SseOptions {
  readonly fetch: typeof fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly silenceMs: number;
}

/** The order ended, and the client has all of it. */
const NO_CONTENT = 204;

interface SentEvent {
  readonly data: string;
  /** Null: it has none. */
  readonly id: string | null;
}

export class SseTransport implements Transport {
  readonly #options: SseOptions;

  constructor(options: SseOptions) {
    this.#options = options;
  }

  async *order({ url, signal, orderId, after }: ConnectToOrder): AsyncGenerator<Message, void, undefined> {
    const href = `${url}/api/orders/${encodeURIComponent(orderId)}/events${queryOf({ after })}`;
    for await (const { data } of this.#events(href, signal)) {
      const message = parseMessage(data);
      if (message.type === 'error') throw endOf(message, null);
      if (!isOrdersMessage(message)) yield message;
    }
  }

  async *orders({
    url,
    signal,
    filter,
    token,
  }: ConnectToOrders): AsyncGenerator<OrdersReceived, void, undefined> {
    const query = queryOf({ ...filter, token: token ?? undefined });
    for await (const { data, id } of this.#events(`${url}/api/orders/events${query}`, signal)) {
      const message = parseMessage(data);
      if (message.type === 'error') throw endOf(message, null);
      yield { message, token: id };
    }
  }

  /** Returns at 204; throws Lost when the response ends. */
  async *#events(href: string, signal: AbortSignal): AsyncGenerator<SentEvent, void, undefined> {
    const { silenceMs } = this.#options;
    const abort = linkedAbort(signal);
    const silence = silenceTimer(silenceMs, () =>
      abort.abort(new Lost(`${href}: silent for ${silenceMs} ms`)),
    );
    try {
      const response = await this.#open(href, abort.signal);
      if (response.status === NO_CONTENT) return;
      const events = new EventParser();
      const decoder = new TextDecoder();
      const body: ReadableStream<Uint8Array> = response.body ?? emptyBody();
      const reader = body.getReader();
      for (;;) {
        silence.restart();
        const { value, done } = await orLost(href, reader.read());
        silence.stop();
        if (done) throw new Lost(`${href}: the response ended`);
        for (const event of events.parse(decoder.decode(value, { stream: true }))) yield event;
      }
    } finally {
      silence.stop();
      abort.release();
      abort.abort(new Error('the stream was left'));
    }
  }

  async #open(href: string, signal: AbortSignal): Promise<Response> {
    const { fetch, headers } = this.#options;
    const init = { headers: { ...headers, accept: 'text/event-stream' }, signal };
    const response = await orLost(href, fetch(href, init));
    if (response.status === 200 || response.status === NO_CONTENT) return response;
    const text = await orLost(href, response.text());
    const problem = problemOf(response.status, response.headers.get('retry-after'), parseOrNull(text), text);
    throw isRetryable(problem) ? new Lost(`${href}: ${problem.message}`, problem) : problem;
  }
}

/** What `fetch` rejects with differs between platforms. */
async function orLost<Value>(href: string, promise: Promise<Value>): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    throw new Lost(`${href}: ${String(error)}`, error);
  }
}

/** Of the format's fields it reads `data` and `id`; lines end with LF or CR LF. */
class EventParser {
  #rest = '';

  parse(chunk: string): SentEvent[] {
    const blocks = (this.#rest + chunk).replaceAll('\r\n', '\n').split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => {
      const lines = block.split('\n');
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => valueOf(line));
      const id = lines.findLast((line) => line.startsWith('id:'));
      return data.length === 0 ? [] : [{ data: data.join('\n'), id: id === undefined ? null : valueOf(id) }];
    });
  }
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).replace(/^ /, '');
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function emptyBody(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
