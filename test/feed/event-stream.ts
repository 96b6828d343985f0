/** A plain client of server-sent events: it keeps what it is sent, in order, and repairs nothing. */
import { request, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import {
  messageSchema,
  ordersMessageSchema,
  type Message,
  type OrdersMessage,
} from '../../src/protocol/messages.ts';
import { afterEveryTest } from '../support/clean-up.ts';
import { eventually } from '../support/eventually.ts';
import { soon } from '../support/soon.ts';

const anyMessage = z.union([ordersMessageSchema, messageSchema]);

export function isScoped(message: Message | OrdersMessage): message is OrdersMessage {
  return 'scope' in message && message.type !== 'error';
}

/** Ends each stream of a test, also where the test failed. */
const ends = new Set<() => void>();
afterEveryTest(() => {
  for (const end of ends) end();
  ends.clear();
});

export interface StreamEvent {
  /** As the event itself named it. */
  readonly id: string | null;
  readonly text: string;
  readonly message: Message | OrdersMessage;
}

export interface EventClient {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** All that came, as it came. */
  readonly raw: () => string;
  readonly events: StreamEvent[];
  /** Those that also a stream of one order has. */
  readonly messages: () => Message[];
  /** Those that describe a stream of all orders. */
  readonly scoped: () => OrdersMessage[];
  /** The `id` that an `EventSource` would come back with. */
  readonly lastEventId: () => string | null;
  readonly first: (count: number, withinMs?: number) => Promise<readonly StreamEvent[]>;
  /** True: the response was whole. False: the connection was lost. */
  readonly ended: PromiseLike<boolean>;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Pauses again after the next part that comes, 64 KiB at most. */
  readonly readOnce: () => void;
  readonly close: () => void;
}

/** Resolves once the head of the answer has come. */
export async function readEvents(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<EventClient> {
  const asked = request(url, { headers, method, agent: false });
  ends.add(() => asked.destroy());
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve);
    asked.on('error', reject);
  });
  asked.end();
  const response = await soon(`the answer to ${url}`, answer, 20_000);
  let raw = '';
  let rest = '';
  let pausesNext = false;
  const events: StreamEvent[] = [];
  const isStream = response.headers['content-type'] === 'text/event-stream';
  response.setEncoding('utf8');
  response.on('data', (text: string) => {
    raw += text;
    if (pausesNext) response.pause();
    pausesNext = false;
    if (!isStream) return;
    const blocks = `${rest}${text}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== null) events.push(event);
    }
  });
  response.on('error', () => undefined);
  const ending = new Promise<boolean>((resolve) => response.once('close', () => resolve(response.complete)));
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    raw: () => raw,
    events,
    messages: () => events.flatMap(({ message }) => (isScoped(message) ? [] : [message])),
    scoped: () => events.flatMap(({ message }) => (isScoped(message) ? [message] : [])),
    lastEventId: () => events.findLast(({ id }) => id !== null)?.id ?? null,
    first: (count, withinMs = 10_000) =>
      eventually(
        () => events,
        ({ length }) => length >= count,
        withinMs,
      ),
    ended: {
      then: (onEnd, onError) => soon(`the end of ${url}`, ending, 20_000).then(onEnd, onError),
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    readOnce: () => {
      pausesNext = true;
      response.resume();
    },
    close: () => asked.destroy(),
  };
}

/** Null: a block without data (`retry`). */
function eventOf(block: string): StreamEvent | null {
  const lines = block.split('\n');
  const field = (name: string): string | null =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
  const text = field('data');
  if (text === null) return null;
  return { id: field('id'), text, message: anyMessage.parse(JSON.parse(text)) };
}
