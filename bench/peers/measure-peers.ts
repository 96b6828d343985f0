/**
 * `npm run bench -- --peers`: Fillstream beside other systems that run the same work. Each run measures all of them in turn, each
 * on new processes, so that other load on the machine affects all of them.
 */
import { loadavg } from 'node:os';
import { OperatorError } from '../../src/operator-error.ts';
import { withTimeout } from '../../src/runtime/timeout.ts';
import type { BenchArguments } from '../arguments.ts';
import { totalCpuMsPerOrder, type RunFigures } from '../figures.ts';
import { measureLoad, saturateStack } from '../measure-load.ts';
import { moderate, saturate } from '../phases.ts';
import type { OfParts } from '../deployment.ts';
import { preparePeers } from './install.ts';
import { PeerLoad } from './peer-load.ts';
import { CONCURRENCY, PEERS, startPeer, type Peer, type RunningPeer } from './peers.ts';

export interface PeerRun extends RunFigures {
  /** The machine's load average over a minute, at the end. */
  readonly machineLoad: number;
}

export interface MeasuredPeer {
  /** Null: Fillstream itself. */
  readonly peer: Peer | null;
  readonly runs: PeerRun[];
  /** Why it was measured no further: it does not start here, or did not end its orders. */
  failure: string | null;
}

/** Of one peer in one run. A peer that fails repeats its steps for ever. */
const MEASURED_WITHIN_MS = 15 * 60_000;

export async function measurePeers(wanted: BenchArguments): Promise<readonly MeasuredPeer[]> {
  const chosen = chosenPeers(wanted.peers);
  preparePeers();
  const measured: MeasuredPeer[] = [null, ...chosen].map((peer) => ({ peer, runs: [], failure: null }));
  for (let run = 1; run <= wanted.runs; run += 1) {
    for (const each of measured) if (each.failure === null) await measureOnce(each, wanted, run);
  }
  return measured;
}

/** @throws OperatorError when a name is of no peer */
function chosenPeers(names: readonly string[]): readonly Peer[] {
  const known = PEERS.map(({ name }) => name);
  for (const name of names) {
    if (!known.some((each) => each === name))
      throw new OperatorError(`--peer is "${name}": expected one of ${known.join(', ')}`);
  }
  return names.length === 0 ? PEERS : PEERS.filter(({ name }) => names.includes(name));
}

async function measureOnce(measured: MeasuredPeer, wanted: BenchArguments, run: number): Promise<void> {
  const { peer, runs } = measured;
  if (peer === null) {
    runs.push(withLoad(await measureLoad({ ...wanted, store: 'sqlite' }, wanted)));
  } else {
    try {
      runs.push(withLoad(await measurePeer(peer, wanted)));
    } catch (thrown) {
      measured.failure = String(thrown);
    }
  }
  const figures = runs.at(-1);
  console.log(
    `run ${run}, ${peer?.name ?? 'fillstream'}: ` +
      (measured.failure !== null || figures === undefined
        ? `not measured: ${measured.failure ?? 'no figures'}`
        : `${figures.ordersPerSecond.toFixed(0)} orders/s, ${totalCpuMsPerOrder(figures).toFixed(2)} CPU ms an order, ` +
          `POST to done p50 ${figures.confirmedP50Ms.toFixed(1)} ms`),
  );
}

function withLoad(figures: RunFigures): PeerRun {
  const [machineLoad = Number.NaN] = loadavg();
  return { ...figures, machineLoad };
}

async function measurePeer(peer: Peer, wanted: BenchArguments): Promise<RunFigures> {
  const running = await startPeer(peer);
  const load = new PeerLoad(running.addresses, CONCURRENCY);
  try {
    return await withTimeout(measureRunning(running, load, wanted), MEASURED_WITHIN_MS, peer.title);
  } finally {
    load.close();
    await running.end();
  }
}

async function measureRunning(
  running: RunningPeer,
  load: PeerLoad,
  { orders, warmUp, rate, seconds }: BenchArguments,
): Promise<RunFigures> {
  await load.connect(Math.max(orders, warmUp));
  await saturate(load, warmUp);
  const saturated = await saturateStack({ cpuSeconds: () => cpuSecondsOf(running) }, load, orders);
  const calm = await moderate(load, rate, seconds);
  return { ...saturated, ...calm, megabytes: megabytesOf(running), cold: null };
}

function cpuSecondsOf({ services }: RunningPeer): OfParts {
  return Object.fromEntries(services.map((service) => [service.part, service.cpuSeconds()]));
}

function megabytesOf({ services }: RunningPeer): OfParts {
  return Object.fromEntries(services.map((service) => [service.part, service.megabytes()]));
}
