/** Prints a message as one line. */
import { styleText } from 'node:util';
import type { JournaledMessage } from '../protocol/messages.ts';

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** @param coloured false for output that is not a terminal, or with NO_COLOR (https://no-color.org) */
export function painter(coloured: boolean): Paint {
  return coloured ? styleText : (_, text) => text;
}

const STYLES: Readonly<Record<JournaledMessage['type'], Style>> = {
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
  const filled = Math.round((message.progress / 100) * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
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
