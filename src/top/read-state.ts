/** What the terminal shows, read from the public API: counts, health, the latest orders. */
import { z } from 'zod';
import type { FillstreamClient, OrderCountsView, OrderView } from '../client/index.ts';

const healthSchema = z.looseObject({
  status: z.enum(['ok', 'degraded']),
  parts: z.record(z.string(), z.looseObject({ status: z.enum(['ok', 'down']) })),
  connections: z.record(z.string(), z.number()),
  uptimeSeconds: z.number(),
  version: z.string(),
});

export interface TopState {
  /** Unix milliseconds. */
  readonly at: number;
  readonly url: string;
  readonly health: z.infer<typeof healthSchema>;
  readonly counts: OrderCountsView;
  readonly latest: readonly OrderView[];
  /** Since the state before; null: there is none. */
  readonly createdPerSecond: number | null;
  readonly endedPerSecond: number | null;
}

/** @throws ApiError, ConnectionError */
export async function readState(
  client: FillstreamClient,
  url: string,
  before: TopState | null,
  latest: number,
): Promise<TopState> {
  const [health, counts, page] = await Promise.all([
    client.health().then((body) => healthSchema.parse(body)),
    client.counts(),
    client.page({ limit: latest }),
  ]);
  const at = Date.parse(counts.at);
  // A store that answers with older counts gives the rates that it gave before.
  const isSame = before !== null && at <= Date.parse(before.counts.at);
  const seconds = before === null || isSame ? null : (at - Date.parse(before.counts.at)) / 1_000;
  const rate = (now: number, then: number): number | null =>
    seconds === null ? null : Math.max(0, now - then) / seconds;
  return {
    at: Date.now(),
    url,
    health,
    counts,
    latest: page.orders,
    createdPerSecond: isSame ? before.createdPerSecond : rate(counts.total, before?.counts.total ?? 0),
    endedPerSecond: isSame
      ? before.endedPerSecond
      : rate(endedOf(counts), before === null ? 0 : endedOf(before.counts)),
  };
}

function endedOf({ byStatus }: TopState['counts']): number {
  return byStatus.confirmed + byStatus.failed + byStatus.cancelled;
}
