/** Prints a message as one line. */
import { styleText } from 'node:util';
import type { JournaledMessage } from '../protocol/messages.ts';

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** @param coloured false for output that is not a terminal, or with NO_COLOR (https://no-color.org) */
export function painter(coloured: boolean): Paint {
  if (!coloured) return (_, text) => text;
  // Decided here: `styleText` would look at the environment again.
  return (style, text) => styleText(style, text, { validateStream: false });
}

/** By type of a message, which are the statuses of orders and `retry`. */
export const STYLES: Readonly<Record<JournaledMessage['type'], Style>> = {
  pending: 'gray',
  routing: 'cyan',
  building: 'blue',
  submitted: 'magenta',
  confirmed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  retry: 'yellow',
};

const BAR = 10;

export function printMessage(message: JournaledMessage, text: string, paint: Paint): string {
  const bar = progressBar(message.progress, BAR);
  const style = STYLES[message.type];
  return [
    paint('gray', message.timestamp.slice(11, 23)),
    message.orderId.slice(0, 8),
    paint('gray', `#${message.seq}`.padStart(3)),
    paint(style, message.type.padEnd(9)),
    paint(style, bar),
    text,
  ].join(' ');
}

export function progressBar(percent: number, width: number): string {
  const filled = Math.round((percent / 100) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
