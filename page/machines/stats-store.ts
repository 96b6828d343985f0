/** What the server says of the orders of a machine version, read again every few seconds while it is shown. */
import { effect, signal } from '@preact/signals';
import type { MachineStats } from '../../src/protocol/machine-stats.ts';
import { readStats } from '../api/answers.ts';

const HOUR_MS = 3_600_000;
export const STATS_TIMES = [
  { name: '15m', text: 'in the last 15 minutes', ms: HOUR_MS / 4 },
  { name: '1h', text: 'in the last hour', ms: HOUR_MS },
  { name: '24h', text: 'in the last 24 hours', ms: 24 * HOUR_MS },
  { name: 'all', text: 'at any time', ms: null },
] as const;

export type StatsTime = (typeof STATS_TIMES)[number]['name'];

const EVERY_MS = 10_000;
const ORDERS = 500;

export const statsTime = signal<StatsTime>('all');
export const stats = signal<MachineStats | null>(null);

export function watchStats(version: number): () => void {
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = async (of: number, ms: number | null): Promise<void> => {
    try {
      if (!document.hidden) {
        const since = ms === null ? null : Date.now() - ms;
        const found = await readStats(version, since, ORDERS);
        if (of === turn) stats.value = found;
      }
    } catch {
      // The next reading may succeed.
    }
    if (of === turn) timer = setTimeout(() => void read(of, ms), EVERY_MS);
  };
  const stop = effect(() => {
    const { ms } = STATS_TIMES.find(({ name }) => name === statsTime.value) ?? { ms: null };
    clearTimeout(timer);
    turn += 1;
    stats.value = null;
    void read(turn, ms);
  });
  return () => {
    turn = -1;
    clearTimeout(timer);
    stop();
  };
}
