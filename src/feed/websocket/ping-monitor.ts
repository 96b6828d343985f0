/** Finds WebSockets whose peer is gone without a close frame. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WebSocket } from 'ws';

const UNANSWERED_PINGS = 2;
const PINGS_A_SLICE = 500;

export class PingMonitor {
  readonly #maxBufferedBytes: number;
  readonly #unanswered = new Map<WebSocket, number>();

  /** @param maxBufferedBytes over this a ping would wait behind what is not read; the feed closes such readers */
  constructor(maxBufferedBytes: number) {
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  add(ws: WebSocket): void {
    this.#unanswered.set(ws, 0);
    ws.on('pong', () => this.#unanswered.set(ws, 0));
    ws.once('close', () => this.#unanswered.delete(ws));
  }

  /** Pings all; terminates those that left two pings unanswered. */
  async pingAll(): Promise<void> {
    let sent = 0;
    for (const [ws, unanswered] of this.#unanswered) {
      if (ws.readyState !== ws.OPEN) {
        // It is closing and may still read why; `ws` itself bounds the time that this takes.
      } else if (unanswered >= UNANSWERED_PINGS) {
        ws.terminate();
      } else if (ws.bufferedAmount <= this.#maxBufferedBytes) {
        this.#unanswered.set(ws, unanswered + 1);
        ws.ping();
      }
      sent += 1;
      if (sent % PINGS_A_SLICE === 0) await nextTurn();
    }
  }
}
