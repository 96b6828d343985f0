/** Colours and bars of lines in a terminal. */
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

/** @param percent 0 to 100; what is beyond counts as the nearer end */
export function progressBar(percent: number, width: number): string {
  const filled = Math.round((Math.max(0, Math.min(100, percent)) / 100) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
