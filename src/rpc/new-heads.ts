/**
 * New blocks as a node tells of them over a WebSocket (`eth_subscribe`, `newHeads`). Only a hint: what the block is, and whether it
 * is in the chain, is asked for over RPC_URL. A connection that ends is opened again; nothing waits for it.
 */
import { WebSocket } from 'ws';
import { z } from 'zod';

export interface HeadsListener {
  /** The node has another head. */
  readonly onHead: () => void;
  /** The subscription ended, and nothing is told until the next head. */
  readonly onLost: () => void;
}

export interface NewHeads {
  /** At most one listener. */
  listen(listener: HeadsListener): void;
  close(): void;
}

const REOPEN_MS = { first: 1_000, most: 30_000 };
const SUBSCRIBE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] });
const notificationSchema = z.looseObject({ method: z.literal('eth_subscription') });
const refusalSchema = z.looseObject({ error: z.looseObject({ message: z.string() }) });

/** @param warn is called once for each time that heads are no longer told; the address is left out: it may hold a key */
export function openNewHeads(url: string, warn: (why: string) => void): NewHeads {
  let listener: HeadsListener | null = null;
  let socket: WebSocket | null = null;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isClosed = false;
  let isTold = false;

  function open(): void {
    const opened = new WebSocket(url, { maxPayload: 1024 * 1024 });
    socket = opened;
    opened.on('open', () => opened.send(SUBSCRIBE));
    opened.on('message', (data) => take(textOf(data)));
    opened.on('error', () => undefined);
    opened.on('close', () => lost('the connection ended'));
  }

  function take(text: string): void {
    const message = parse(text);
    if (notificationSchema.safeParse(message).success) {
      failures = 0;
      isTold = true;
      listener?.onHead();
      return;
    }
    const refusal = refusalSchema.safeParse(message);
    if (refusal.success) {
      // A node without subscriptions: it is asked again, rarely.
      failures = Number.MAX_SAFE_INTEGER;
      socket?.close();
    }
  }

  function lost(why: string): void {
    if (isClosed) return;
    if (isTold || failures === 0) warn(why);
    if (isTold) listener?.onLost();
    isTold = false;
    failures += 1;
    const pauseMs = Math.min(REOPEN_MS.first * 2 ** Math.min(failures - 1, 10), REOPEN_MS.most);
    timer = setTimeout(open, pauseMs);
    timer.unref();
  }

  open();
  return {
    listen: (each) => (listener = each),
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.terminate();
    },
  };
}

function textOf(data: Buffer | ArrayBuffer | readonly Buffer[]): string {
  return Buffer.isBuffer(data) ? data.toString('utf8') : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
