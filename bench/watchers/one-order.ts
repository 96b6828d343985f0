/** Many WebSockets that watch one order while it runs, with and without some beside them that stopped reading. */
import { WebSocket } from 'ws';
import { z } from 'zod';
import { BenchDeployment, ONE_PROCESS } from '../deployment.ts';
import { percentile } from '../percentile.ts';
import { postOrder } from '../post-order.ts';

export interface OneOrderFigures {
  readonly subscribers: number;
  readonly paused: number;
  readonly entries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const messageSchema = z.object({ type: z.string(), seq: z.number().optional(), timestamp: z.string() });
const ENDS = ['confirmed', 'failed', 'cancelled'];

export async function measureOneOrder(subscribers: number, paused: number): Promise<OneOrderFigures> {
  const deployment = await BenchDeployment.start({
    ...ONE_PROCESS,
    // The order takes so long that all watch before it is mined.
    settings: { SIMULATED_LATENCY_MS: '4000', SIMULATED_BLOCK_MS: String(Math.max(1_000, 2 * subscribers)) },
  });
  const delays: number[] = [];
  try {
    const [url = ''] = deployment.urls;
    const orderId = await postOrder(url);
    const address = `${url.replace('http', 'ws')}/api/orders/status/${orderId}`;
    const stopped = await Promise.all(Array.from({ length: paused }, () => opened(address)));
    for (const ws of stopped) ws.pause();
    const watching: Promise<void>[] = [];
    let from = Infinity;
    while (watching.length < subscribers) {
      const sockets = await Promise.all(
        Array.from({ length: Math.min(100, subscribers - watching.length) }, () => opened(address)),
      );
      for (const ws of sockets) watching.push(watch(ws, (at) => at > from, delays));
    }
    from = Date.now();
    await Promise.all(watching);
    for (const ws of stopped) ws.terminate();
  } finally {
    await deployment.end();
  }
  const entries = Math.round(delays.length / subscribers);
  return { subscribers, paused, entries, p50Ms: percentile(delays, 50), p99Ms: percentile(delays, 99) };
}

function opened(address: string): Promise<WebSocket> {
  const ws = new WebSocket(address);
  return new Promise((resolve, reject) => {
    ws.once('error', reject);
    ws.once('open', () => resolve(ws));
  });
}

/** Resolves at the end of the order. */
function watch(ws: WebSocket, counts: (at: number) => boolean, delays: number[]): Promise<void> {
  return new Promise((resolve) => {
    ws.on('message', (data: Buffer) => {
      const now = Date.now();
      const { type, seq, timestamp } = messageSchema.parse(JSON.parse(data.toString()));
      const at = Date.parse(timestamp);
      if (seq !== undefined && counts(at)) delays.push(now - at);
      if (ENDS.includes(type)) resolve();
    });
    ws.once('close', () => resolve());
  });
}
