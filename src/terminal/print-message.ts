/** Prints a message as one line. */
import type { JournaledMessage } from '../protocol/messages.ts';
import { progressBar, STYLES, type Paint } from './style.ts';

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
