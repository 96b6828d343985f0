/**
 * `npm run bench`: the embedded stack under load, three runs, median and spread.
 *
 * Saturation: 2,000 orders posted as fast as they are accepted, each with 9 or more journal entries, venue latency and
 * block time 0, one Socket.IO connection an order. Moderate: 50 orders a second for ten seconds. CPU is that of the
 * server processes, Redis included; the load comes from this process, on the same machine. 500 orders come first and are not
 * measured; the cold figures are the first 2,000 orders of another new stack.
 *
 * - `--warm-up N`: orders before the measured ones; 0: the stack is measured cold
 * - `--workers N [--apis M]`: the same with separate roles
 * - `--store mongodb`: on a temporary database of MONGODB_URL
 * - `--store-pid PID`: the database server, to measure its CPU and that of its descendants; may be repeated
 * - `--scale`: one, two and four workers, on both stores
 * - `--growth [--stored N]`: on SQLite files with many ended orders; see growth/measure-growth.ts
 * - `--chain`: real swaps on the embedded chain; see chain/measure-chain.ts
 * - `--peers [--peer NAME]`: beside other systems that run the same work; see peers/measure-peers.ts
 * - `--lists`: pages of the list, on both stores; see lists/measure-lists.ts
 * - `--terms`: what the search's terms cost a commit; see lists/measure-terms.ts
 * - `--watchers`: what subscribers cost and how late they are told; see watchers/measure-watchers.ts
 * - `--timing`: whether time tells "not yours" from "not there"; see timing/measure-timing.ts
 */
import { writeFileSync } from 'node:fs';
import { readBenchArguments, type BenchArguments } from './arguments.ts';
import { measureChain } from './chain/measure-chain.ts';
import { printChain } from './chain/report-chain.ts';
import type { RunFigures } from './figures.ts';
import { measureGrowth } from './growth/measure-growth.ts';
import { measureLists } from './lists/measure-lists.ts';
import { printLists } from './lists/report-lists.ts';
import { measureTerms } from './lists/measure-terms.ts';
import { measureCold, measureLoad } from './measure-load.ts';
import { OperatorError } from '../src/operator-error.ts';
import { measurePeers } from './peers/measure-peers.ts';
import { printPeers } from './peers/report-peers.ts';
import { printReport } from './report.ts';
import { measureTiming } from './timing/measure-timing.ts';
import { measureWatchers } from './watchers/measure-watchers.ts';
import { measureScale, printScale } from './scale.ts';

try {
  const wanted = readBenchArguments(process.argv.slice(2));
  const figures = await measure(wanted);
  if (wanted.json !== '') writeFileSync(wanted.json, `${JSON.stringify({ ...wanted, figures }, null, 2)}\n`);
  process.exit(0);
} catch (thrown) {
  if (!(thrown instanceof OperatorError)) throw thrown;
  console.error(thrown.message);
  process.exit(2);
}

async function measure(wanted: BenchArguments): Promise<unknown> {
  switch (wanted.what) {
    case 'load':
      return repeatLoad(wanted);
    case 'scale': {
      const steps = await measureScale(wanted);
      printScale(steps, wanted);
      return steps;
    }
    case 'chain': {
      const chain = await measureChain(wanted);
      printChain(chain, wanted);
      return chain;
    }
    case 'peers': {
      const peers = await measurePeers(wanted);
      printPeers(peers, wanted);
      return peers;
    }
    case 'terms':
      return measureTerms();
    case 'watchers':
      return measureWatchers();
    case 'timing':
      return measureTiming();
    case 'growth':
      return measureGrowth(wanted);
    case 'lists': {
      const lists = await measureLists(wanted);
      printLists(lists);
      return lists;
    }
  }
}

async function repeatLoad(wanted: BenchArguments): Promise<readonly RunFigures[]> {
  const [store] = wanted.stores;
  const results: RunFigures[] = [];
  for (let run = 1; run <= wanted.runs; run += 1) {
    const deployed = { ...wanted, store };
    const cold = wanted.warmUp === 0 ? null : await measureCold(deployed, wanted.orders);
    const figures = { ...(await measureLoad(deployed, wanted)), cold };
    results.push(figures);
    console.log(
      `run ${run}: ${figures.ordersPerSecond.toFixed(0)} orders/s${cold === null ? '' : `, cold ${cold.ordersPerSecond.toFixed(0)}`}`,
    );
  }
  printReport(`${ordersOf(wanted)}, ${processesOf(wanted)}, ${store}`, results);
  return results;
}

function ordersOf({ orders, warmUp }: BenchArguments): string {
  return warmUp === 0 ? `${orders} orders, cold` : `${orders} orders after a warm-up of ${warmUp}`;
}

function processesOf({ workers, apis }: BenchArguments): string {
  return workers === 0 ? 'one process' : `${apis} apis, ${workers} workers`;
}
