/** The flow of one order as lines: its way through the machine, with how long each state lasted. */
import { isFinal } from '../../machines/order/state.ts';
import type { OrderView, TransitionView } from '../protocol/views.ts';
import { STATUS_COLOURS } from './draw-state.ts';
import { bar, colour, fitted } from './text.ts';

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
): readonly string[] {
  const { orderId, status, sellAmount, sellToken, buyToken, lastProgress } = order;
  const hasEnded = isFinal(status);
  const note = order.held ?? order.reason ?? order.waitingFor ?? order.deviation;
  const head = [
    `${colour(orderId, 'bold')}  ${sellAmount ?? '?'} ${sellToken ?? '?'} for ${buyToken ?? '?'}`,
    `${colour(order.state, STATUS_COLOURS[status])} ${bar(status === 'confirmed' ? 100 : lastProgress, 20)} ${note?.message ?? ''}`,
    '',
  ];
  const startsAt = Date.parse(transitions[0]?.at ?? order.createdAt);
  const lines = transitions.map((entry, index) => {
    const next = transitions[index + 1];
    const since = Date.parse(entry.at);
    const until = next === undefined ? (hasEnded ? since : at) : Date.parse(next.at);
    return entryLine(entry, {
      isLast: next === undefined,
      offsetMs: since - startsAt,
      lastsMs: hasEnded && next === undefined ? null : Math.max(0, until - since),
    });
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
): string {
  const isRetry = message.type === 'retry';
  const sign = isLast ? (lastsMs === null ? '■' : '●') : isRetry ? '↺' : '│';
  const type = event.type
    .replace(/^xstate\.(done|error)\.actor\.(.*)$/, '$2 $1')
    .replace(/^xstate\.after\.(\w+)\..*$/, 'timer $1');
  const status = state.split('.')[0] ?? '';
  const tone = STATUS_COLOURS[status as OrderView['status']];
  return [
    colour(`+${(offsetMs / 1_000).toFixed(2)} s`.padStart(10), 'grey'),
    colour(sign, isRetry ? 'yellow' : tone),
    `#${seq}`.padStart(4),
    colour(state.padEnd(22), isRetry ? 'yellow' : tone),
    (lastsMs === null ? '' : `${(lastsMs / 1_000).toFixed(2)} s`).padStart(9),
    type.padEnd(20),
    message.message,
  ].join(' ');
}
