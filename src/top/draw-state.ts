/** A state as lines of a terminal. */
import type { OrderView } from '../protocol/views.ts';
import { progressBar, STYLES, type Paint } from '../terminal/style.ts';
import { ageText, fitted } from './text.ts';
import type { TopState } from './read-state.ts';

const STATUSES = ['pending', 'routing', 'building', 'submitted', 'confirmed', 'failed', 'cancelled'] as const;

/** @returns at most `rows` lines of at most `columns` characters */
export function drawState(state: TopState, columns: number, rows: number, paint: Paint): readonly string[] {
  const { health, counts, url, createdPerSecond, endedPerSecond } = state;
  const isOk = health.status === 'ok';
  const parts = Object.entries(health.parts).map(([name, part]) => {
    const { status, ...figures } = part;
    const shown = Object.entries(figures).flatMap(([key, value]) =>
      typeof value === 'number' || typeof value === 'string' ? [`${key} ${value}`] : [],
    );
    const text = [name, ...shown].join(' ');
    return status === 'ok' ? text : paint('red', `${text} down`);
  });
  const connections = Object.entries(health.connections).map(([name, count]) => `${name} ${count}`);
  const reasons = counts.reasons.slice(0, 4).map(({ code, orders }) => `${code} ${orders}`);
  const head = [
    `${paint('bold', 'fillstream')} ${health.version} at ${url}  ${paint(isOk ? 'green' : 'red', health.status)}  up ${ageText(health.uptimeSeconds * 1_000)}`,
    '',
    STATUSES.map((status) => `${status} ${paint(STYLES[status], String(counts.byStatus[status]))}`).join(
      '  ',
    ),
    `${rateText(createdPerSecond)} created, ${rateText(endedPerSecond)} ended a second`,
    ...(reasons.length === 0 ? [] : [`ended unfilled: ${reasons.join(', ')}`]),
    `parts: ${parts.join(' · ')}`,
    `connections: ${connections.join(', ')}`,
    '',
  ];
  const latest = state.latest
    .slice(0, Math.max(0, rows - head.length))
    .map((order) => orderLine(order, state.at, paint));
  return [...head, ...latest].slice(0, rows).map((line) => fitted(line, columns));
}

function orderLine(order: OrderView, now: number, paint: Paint): string {
  const { orderId, status, state, lastProgress, sellAmount, sellToken, buyToken } = order;
  const note = order.held ?? order.reason ?? order.waitingFor ?? order.deviation;
  const progress = status === 'confirmed' ? 100 : lastProgress;
  return [
    orderId.slice(0, 8),
    paint(STYLES[status], state.padEnd(22)),
    progressBar(progress, 10),
    ageText(now - Date.parse(order.createdAt)).padStart(6),
    ` ${sellAmount ?? '?'} ${sellToken ?? '?'} for ${buyToken ?? '?'}`,
    note === null ? '' : paint(order.held === null ? 'gray' : 'red', ` ${note.message}`),
  ].join(' ');
}

function rateText(perSecond: number | null): string {
  return perSecond === null ? '…' : perSecond.toFixed(1);
}
