/** Finds WebSockets whose peer is gone without a close frame. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { FeedConnection } from '../core/connection.ts';

const UNANSWERED_PINGS = 2;
const PINGS_A_SLICE = 500;

const NO_PONG = 'The connection answered no pings; connect again after lastSeq';

type Stream = Pick<FeedConnection, 'disconnect'>;

interface Peer {
  unanswered: number;
  /** Null: it is not open yet. */
  stream: Stream | null;
}

export class PingMonitor {
  readonly #peers = new Map<WebSocket, Peer>();

  add(ws: WebSocket): void {
    const peer: Peer = { unanswered: 0, stream: null };
    this.#peers.set(ws, peer);
    ws.on('pong', () => (peer.unanswered = 0));
    ws.once('close', () => this.#peers.delete(ws));
  }

  /** From now on it is this stream that is ended, with the reason. */
  streams(ws: WebSocket, stream: Stream): void {
    const peer = this.#peers.get(ws);
    if (peer !== undefined) peer.stream = stream;
  }

  /** Pings all; ends those that left two pings unanswered. */
  async pingAll(): Promise<void> {
    let sent = 0;
    for (const [ws, peer] of this.#peers) {
      if (ws.readyState !== ws.OPEN) {
        // It is closing and may still read why; `ws` itself bounds the time that this takes.
      } else if (peer.unanswered >= UNANSWERED_PINGS) {
        if (peer.stream === null) ws.terminate();
        else peer.stream.disconnect('slow_reader', NO_PONG);
      } else if (ws.bufferedAmount === 0) {
        // Otherwise a ping would wait behind what is not read; the feed ends readers that stall.
        peer.unanswered += 1;
        ws.ping();
      }
      sent += 1;
      if (sent % PINGS_A_SLICE === 0) await nextTurn();
    }
  }
}
