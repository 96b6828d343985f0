/**
 * `npm run bench`: the embedded stack under load, three runs, median and spread.
 *
 * Saturation: 2,000 orders posted as fast as they are taken, each with 9 or more journal entries, venue latency and
 * block time 0, one Socket.IO connection an order. Moderate: 50 orders a second for ten seconds. CPU is that of the
 * server processes, Redis included; the load comes from this process, on the same machine.
 */
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, startStack } from '../src/demo/stack-process.ts';
import type { RunFigures } from './figures.ts';
import { LoadGenerator } from './load.ts';
import { moderate, saturate } from './phases.ts';
import { cpuSeconds, peakMegabytes, stackPids } from './process-cost.ts';
import { printReport } from './report.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    orders: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '10' },
    json: { type: 'string', default: '' },
  },
});

const orders = Number(values.orders);
const results: RunFigures[] = [];
for (let run = 1; run <= Number(values.runs); run += 1) {
  results.push(await once());
  console.log(`run ${run}: ${results.at(-1)?.ordersPerSecond.toFixed(0) ?? ''} orders/s`);
}
printReport(results, orders);
if (values.json !== '') writeFileSync(values.json, `${JSON.stringify({ orders, runs: results }, null, 2)}\n`);
process.exit(0);

async function once(): Promise<RunFigures> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fillstream-bench-'));
  const stack = startStack({
    main: [new URL('../src/main.js', import.meta.url).pathname],
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      SIMULATED_LATENCY_MS: '0',
      SIMULATED_BLOCK_MS: '0',
      SIMULATED_FAILURES: '0',
      MAX_IN_FLIGHT: '1000000',
    },
    port: await freePort(0),
    output: openSync(join(dataDir, 'stack.log'), 'a'),
  });
  try {
    await stack.ready(30_000);
    const load = new LoadGenerator(stack.url);
    const pids = stackPids(stack.child.pid ?? 0, dataDir);
    await load.connect(orders);
    const before = pids.map(cpuSeconds);
    const saturation = await saturate(load, orders);
    const [server = 0, redis = 0] = pids.map((pid, index) => cpuSeconds(pid) - (before[index] ?? 0));
    const calm = await moderate(load, Number(values.rate), Number(values.seconds));
    load.close();
    const [serverMegabytes = 0, redisMegabytes = 0] = pids.map(peakMegabytes);
    return {
      ...saturation,
      ...calm,
      cpuMsPerOrder: ((server + redis) * 1000) / orders,
      redisCpuMsPerOrder: (redis * 1000) / orders,
      serverMegabytes,
      redisMegabytes,
    };
  } finally {
    await stack.end('SIGTERM');
    rmSync(dataDir, { recursive: true, force: true });
  }
}
