/** The flow of one order as lines: its way through the machine, with how long each state lasted. */
import { isFinal } from '../../machines/order/state.ts';
import type { OrderView, TransitionView } from '../protocol/views.ts';
import { progressBar, STYLES, type Paint } from '../terminal/style.ts';
import { fitted } from './text.ts';

export interface ShownOrder {
  readonly order: OrderView;
  readonly transitions: readonly TransitionView[];
  /** Unix milliseconds. */
  readonly at: number;
}

/** The last entries where not all have room. @returns at most `rows` lines of at most `columns` characters */
export function drawOrder(
  { order, transitions, at }: ShownOrder,
  columns: number,
  rows: number,
  paint: Paint,
): readonly string[] {
  const { orderId, status, sellAmount, sellToken, buyToken, lastProgress } = order;
  const hasEnded = isFinal(status);
  const note = order.held ?? order.reason ?? order.waitingFor ?? order.deviation;
  const head = [
    `${paint('bold', orderId)}  ${sellAmount ?? '?'} ${sellToken ?? '?'} for ${buyToken ?? '?'}`,
    `${paint(STYLES[status], order.state)} ${progressBar(status === 'confirmed' ? 100 : lastProgress, 20)} ${note?.message ?? ''}`,
    '',
  ];
  const startsAt = Date.parse(transitions[0]?.at ?? order.createdAt);
  const lines = transitions.map((entry, index) => {
    const next = transitions[index + 1];
    const since = Date.parse(entry.at);
    const until = next === undefined ? (hasEnded ? since : at) : Date.parse(next.at);
    const place = {
      isLast: next === undefined,
      offsetMs: since - startsAt,
      lastsMs: hasEnded && next === undefined ? null : Math.max(0, until - since),
    };
    return entryLine(entry, place, paint);
  });
  const room = Math.max(1, rows - head.length);
  return [...head, ...lines.slice(-room)].slice(0, rows).map((line) => fitted(line, columns));
}

interface Place {
  readonly isLast: boolean;
  readonly offsetMs: number;
  /** Null: the order has ended here. */
  readonly lastsMs: number | null;
}

function entryLine(
  { seq, state, event, message }: TransitionView,
  { isLast, offsetMs, lastsMs }: Place,
  paint: Paint,
): string {
  const isRetry = message.type === 'retry';
  const sign = isLast ? (lastsMs === null ? '■' : '●') : isRetry ? '↺' : '│';
  const type = event.type
    .replace(/^xstate\.(done|error)\.actor\.(.*)$/, '$2 $1')
    .replace(/^xstate\.after\.(\w+)\..*$/, 'timer $1');
  // A retry is coloured as one, other entries by the status that they lead to.
  const style = STYLES[message.type];
  return [
    paint('gray', `+${(offsetMs / 1_000).toFixed(2)} s`.padStart(10)),
    paint(style, sign),
    `#${seq}`.padStart(4),
    paint(style, state.padEnd(22)),
    (lastsMs === null ? '' : `${(lastsMs / 1_000).toFixed(2)} s`).padStart(9),
    type.padEnd(20),
    message.message,
  ].join(' ');
}
