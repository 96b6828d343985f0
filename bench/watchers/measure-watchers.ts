/**
 * `npm run bench -- --watchers`: a thousand subscribers while orders run, one to ten thousand of one order, with and without readers that
 * stopped, and idle ones of each transport. Each figure is printed when it is there.
 */
import { BenchDeployment, ONE_PROCESS } from '../deployment.ts';
import { LoadGenerator } from '../load.ts';
import { moderate } from '../phases.ts';
import { measureIdle } from './idle-subscribers.ts';
import { measureOneOrder } from './one-order.ts';

const SUBSCRIBERS = 1_000;
const OF_ONE_ORDER = [1, 10, 100, SUBSCRIBERS, 10_000];
const RATES = [200, 50];
const SECONDS = 10;
const PAUSED = 50;
const IDLE = { 'Socket.IO': 4_000, WebSocket: 10_000, 'server-sent events': 4_000 } as const;

export async function measureWatchers(): Promise<readonly object[]> {
  const figures: object[] = [];
  const note = (what: string, figure: object): void => {
    console.log(what, JSON.stringify(figure));
    figures.push({ what, ...figure });
  };
  note('idle', await measureIdle('Socket.IO', IDLE['Socket.IO']));
  note('idle', await measureIdle('WebSocket', IDLE.WebSocket));
  note('idle', await measureIdle('server-sent events', IDLE['server-sent events']));
  for (const subscribers of OF_ONE_ORDER) note('one order', await measureOneOrder(subscribers, 0));
  note('one order', await measureOneOrder(SUBSCRIBERS, PAUSED));
  for (const rate of RATES) note('orders a second', await atRate(rate));
  return figures;
}

async function atRate(rate: number): Promise<object> {
  const deployment = await BenchDeployment.start(ONE_PROCESS);
  try {
    const load = new LoadGenerator(deployment.urls);
    await load.connect(SUBSCRIBERS);
    const startedAt = performance.now();
    const { entryP50Ms, entryP99Ms } = await moderate(load, rate, SECONDS);
    const reached = (rate * SECONDS * 1_000) / (performance.now() - startedAt);
    load.close();
    return { rate, reached, subscribers: SUBSCRIBERS, entryP50Ms, entryP99Ms };
  } finally {
    await deployment.end();
  }
}
