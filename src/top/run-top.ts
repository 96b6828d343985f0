/**
 * Shows an api in the terminal, again and again: its state, or one order until it has ended. Where the output is no terminal, each
 * reading is a line of JSON.
 */
import { isFinal } from '../../machines/order/state.ts';
import { FillstreamClient, type TransitionView } from '../client/index.ts';
import { sleep } from '../runtime/time.ts';
import { drawOrder, type ShownOrder } from './draw-order.ts';
import { drawState } from './draw-state.ts';
import { readState, type TopState } from './read-state.ts';
import { painter } from '../terminal/style.ts';
import { fitted } from './text.ts';

export interface Screen {
  readonly write: (text: string) => void;
  /** Null: not a terminal. */
  readonly size: () => { readonly columns: number; readonly rows: number } | null;
}

export interface TopOptions {
  readonly url: string;
  /** Null: the api needs none. */
  readonly apiKey: string | null;
  readonly orderId: string | null;
  readonly everyMs: number;
  /** Ends after one reading. */
  readonly once: boolean;
  readonly screen: Screen;
  /** False with NO_COLOR. */
  readonly coloured: boolean;
  readonly signal: AbortSignal;
}

const CLEAR = '\u001b[H\u001b[J';
const LATEST = 50;

export async function runTop(options: TopOptions): Promise<void> {
  const { url, apiKey, orderId, everyMs, once, screen, signal } = options;
  const client = new FillstreamClient({ url, retryForMs: 0, ...(apiKey === null ? {} : { apiKey }) });
  const paint = painter(options.coloured);
  let state: TopState | null = null;
  let shown: ShownOrder | null = null;
  while (!signal.aborted) {
    let hasEnded = once;
    try {
      if (orderId === null) {
        const read = await readState(client, url, state, LATEST);
        state = read;
        draw(screen, read, (columns, rows) => drawState(read, columns, rows, paint));
      } else {
        shown = await readShown(client, orderId, shown);
        const { order, transitions, at } = shown;
        draw(screen, { at, order, transitions: transitions.length }, (columns, rows) =>
          drawOrder({ order, transitions, at }, columns, rows, paint),
        );
        hasEnded ||= isFinal(order.status);
      }
    } catch (error) {
      if (once) throw error;
      const text = error instanceof Error ? error.message : String(error);
      draw(screen, { at: Date.now(), error: text }, (columns) => [fitted(paint('red', text), columns)]);
    }
    if (hasEnded) return;
    await sleep(everyMs, signal).catch(() => undefined);
  }
}

function draw(
  screen: Screen,
  json: object,
  lines: (columns: number, rows: number) => readonly string[],
): void {
  const size = screen.size();
  if (size === null) screen.write(`${JSON.stringify(json)}\n`);
  else screen.write(`${CLEAR}${lines(size.columns, size.rows - 1).join('\n')}\n`);
}

/** Reads only what is new of the journal. */
async function readShown(
  client: FillstreamClient,
  orderId: string,
  before: ShownOrder | null,
): Promise<ShownOrder> {
  const order = await client.get(orderId);
  const transitions: TransitionView[] = [...(before?.transitions ?? [])];
  while (transitions.length < order.lastSeq) {
    const page = await client.transitionsPage(orderId, { after: transitions.length });
    if (page.transitions.length === 0) break;
    transitions.push(...page.transitions);
  }
  return { order, transitions, at: Date.now() };
}
