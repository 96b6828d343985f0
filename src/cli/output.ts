/** Where commands print: lines for people in a terminal, JSON lines for programs. */
import { painter, type Paint } from '../terminal/style.ts';

export interface Terminal {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly noColor: boolean;
  readonly write: (text: string) => void;
}

export interface Output {
  /** Programs read it: commands print JSON lines and nothing else. */
  readonly json: boolean;
  readonly paint: Paint;
  /** One object on a line of its own. */
  record(value: object): void;
  line(text: string): void;
  /** The last line of the terminal, in place of the one before. Nothing where the output is no terminal. */
  status(text: string): void;
}

export function openOutput({ isTerminal, columns, noColor, write }: Terminal, json: boolean): Output {
  const isLive = isTerminal && !json;
  let shown = '';
  function clearStatus(): void {
    if (shown !== '') write('\r\u001b[K');
    shown = '';
  }
  return {
    json,
    paint: painter(isLive && !noColor),
    record: (value) => write(`${JSON.stringify(value)}\n`),
    line(text) {
      clearStatus();
      write(`${text}\n`);
    },
    status(text) {
      if (!isLive || text === shown) return;
      clearStatus();
      write(cut(text, columns));
      shown = text;
    },
  };
}

const ESCAPE = '\u001b';
const COLOUR = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`);

/** A line that wraps could not be replaced. Colours have no width. */
function cut(text: string, columns: number): string {
  let width = 0;
  let shown = '';
  for (const part of text.split(COLOUR)) {
    if (part.startsWith(ESCAPE)) shown += part;
    else {
      shown += Array.from(part)
        .slice(0, Math.max(0, columns - 1 - width))
        .join('');
      width += Array.from(part).length;
    }
  }
  return shown;
}
