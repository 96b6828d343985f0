/** One order in the terminal: a line for each entry, and below them what happens now, with a countdown to the next attempt. */
import type { JournaledMessage, Link, OrderStatus } from '../client/index.ts';
import { isFinalMessage } from '../client/index.ts';
import { printMessage } from '../terminal/print-message.ts';
import { progressBar, STYLES } from '../terminal/style.ts';
import { Tokens, termsOf, type Context } from './context.ts';
import { EXIT } from './exit-code.ts';

const REDRAW_MS = 200;
const BAR = 30;

/** @returns the exit code: whether the order was confirmed */
export async function followOrder(context: Context, orderId: string, after: number): Promise<number> {
  const { client, output, signal } = context;
  if (output.json) {
    let last: JournaledMessage | undefined;
    for await (const entry of client.watch(orderId, { after, signal })) {
      output.record(entry);
      last = entry;
    }
    return last === undefined ? statusCode((await client.get(orderId, { signal })).status) : exitCodeOf(last);
  }
  const order = await client.get(orderId, { signal });
  const tokens = await Tokens.of(context);
  const textOf = tokens.texts();
  const { sellToken, buyToken, sellAmount } = order;
  let terms =
    sellToken === null || buyToken === null || sellAmount === null
      ? undefined
      : tokens.shown({ sellToken, buyToken, sellAmount });
  let last: JournaledMessage | undefined;
  let link: Link = 'connecting';
  const redraw = setInterval(() => draw(), REDRAW_MS);

  function draw(): void {
    if (link === 'offline') output.status(output.paint('red', 'The connection was lost: connecting again …'));
    else if (last !== undefined && !isFinalMessage(last))
      output.status(statusLine(last, output.paint, Date.now()));
  }

  try {
    const onLink = (now: Link): void => {
      link = now;
      draw();
    };
    for await (const entry of client.watch(orderId, { after, signal, onLink })) {
      const accepted = termsOf(entry);
      terms ??= accepted === undefined ? undefined : tokens.shown(accepted);
      output.line(printMessage(entry, textOf(entry, terms), output.paint));
      last = entry;
      draw();
    }
  } finally {
    clearInterval(redraw);
    output.status('');
  }
  if (last !== undefined) return exitCodeOf(last);
  output.line(`Order ${orderId} has ended: ${order.status}`);
  return statusCode(order.status);
}

/** @param now Unix milliseconds */
export function statusLine(
  message: JournaledMessage,
  paint: Context['output']['paint'],
  now: number,
): string {
  const bar = paint(STYLES[message.type], progressBar(message.progress, BAR));
  return `${bar} ${String(message.progress).padStart(3)} %  ${nowText(message, now)}`;
}

function nowText(message: JournaledMessage, now: number): string {
  if (message.type === 'retry') {
    const of = message.of === null ? '' : ` of ${message.of}`;
    return `attempt ${message.attempt}${of} failed; the next one ${inTime(message.retryAt, now)}`;
  }
  const waiting = 'waitingFor' in message ? message.waitingFor : undefined;
  if (waiting === undefined) return message.state;
  return `waits: ${waiting.message}${waiting.retryAt === null ? '' : `; looks again ${inTime(waiting.retryAt, now)}`}`;
}

function inTime(at: string, now: number): string {
  const leftMs = Date.parse(at) - now;
  return leftMs <= 0 ? 'now' : `in ${(leftMs / 1_000).toFixed(1)} s`;
}

function exitCodeOf(last: JournaledMessage): number {
  return isFinalMessage(last) ? statusCode(last.type) : EXIT.negative;
}

function statusCode(status: OrderStatus): number {
  return status === 'confirmed' ? EXIT.ok : EXIT.negative;
}
