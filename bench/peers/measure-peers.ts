/**
 * `npm run bench -- --peers`: Fillstream beside other systems that run the same work. Each run measures all of them in turn, each
 * on new processes, so that other load on the machine affects all of them.
 */
import type { BenchArguments } from '../arguments.ts';
import { totalCpuMsPerOrder, type RunFigures } from '../figures.ts';
import { measureLoad, saturateStack } from '../measure-load.ts';
import { moderate, saturate } from '../phases.ts';
import type { OfParts } from '../deployment.ts';
import { preparePeers } from './install.ts';
import { PeerLoad } from './peer-load.ts';
import { CONCURRENCY, PEERS, startPeer, type Peer, type RunningPeer } from './peers.ts';

export interface MeasuredPeer {
  /** Null: Fillstream itself. */
  readonly peer: Peer | null;
  readonly runs: RunFigures[];
}

export async function measurePeers(wanted: BenchArguments): Promise<readonly MeasuredPeer[]> {
  preparePeers();
  const chosen = PEERS.filter(({ name }) => wanted.peers.length === 0 || wanted.peers.includes(name));
  const measured: MeasuredPeer[] = [null, ...chosen].map((peer) => ({ peer, runs: [] }));
  for (let run = 1; run <= wanted.runs; run += 1) {
    for (const { peer, runs } of measured) {
      const figures =
        peer === null
          ? await measureLoad({ ...wanted, store: 'sqlite' }, wanted)
          : await measurePeer(peer, wanted);
      runs.push(figures);
      console.log(
        `run ${run}, ${peer?.name ?? 'fillstream'}: ${figures.ordersPerSecond.toFixed(0)} orders/s, ` +
          `${totalCpuMsPerOrder(figures).toFixed(2)} CPU ms an order`,
      );
    }
  }
  return measured;
}

async function measurePeer(
  peer: Peer,
  { orders, warmUp, rate, seconds }: BenchArguments,
): Promise<RunFigures> {
  const running = await startPeer(peer);
  try {
    const load = new PeerLoad(running.addresses, CONCURRENCY);
    await load.connect(Math.max(orders, warmUp));
    await saturate(load, warmUp);
    const saturated = await saturateStack({ cpuSeconds: () => cpuSecondsOf(running) }, load, orders);
    const calm = await moderate(load, rate, seconds);
    load.close();
    return { ...saturated, ...calm, megabytes: megabytesOf(running), cold: null };
  } finally {
    await running.end();
  }
}

function cpuSecondsOf({ services }: RunningPeer): OfParts {
  return Object.fromEntries(services.map((service) => [service.part, service.cpuSeconds()]));
}

function megabytesOf({ services }: RunningPeer): OfParts {
  return Object.fromEntries(services.map((service) => [service.part, service.megabytes()]));
}
