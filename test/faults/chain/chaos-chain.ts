/**
 * `npm run chaos:chain`: real swaps on an anvil, while workers, the connections to the chain, and the chain itself fail.
 * `-- --only kills|network` runs one of the two; `--store mongodb` uses the server of MONGODB_URL. Prints the counts, and fails
 * if a promise is broken.
 */
import { parseArgs } from 'node:util';
import { mulberry } from '../../support/seeded-random.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { disturbTheChain } from './disturb-the-chain.ts';
import { killTheWorkers } from './kill-the-workers.ts';
import { printRun } from './print-run.ts';
import type { RunFigures, RunPlan } from './chain-run.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '200' },
    /** Kills of workers in the first run, disturbances of all kinds in the second. */
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    store: { type: 'string', default: 'sqlite' },
    only: { type: 'string', default: '' },
    confirmations: { type: 'string', default: '6' },
  },
});

const log = (line: string): void => console.log(line);
const kills = Number(values.kills);
/** With enough kills, each point is used twice. */
const rounds = kills >= 50 ? 2 : kills >= 25 ? 1 : 0.5;

const RUNS: Readonly<Record<string, readonly [title: string, run: (plan: RunPlan) => Promise<RunFigures>]>> =
  {
    kills: ['kill -9 of workers', (plan) => killTheWorkers({ ...plan, kills, rounds })],
    network: ['a chain and a network that fail', (plan) => disturbTheChain({ ...plan, disturbances: kills })],
  };

function mongoUrl(): string | null {
  if (values.store === 'sqlite') return null;
  const { MONGODB_URL: url = '' } = process.env;
  if (values.store === 'mongodb' && url !== '') return url;
  throw new Error(`--store ${values.store}: expected sqlite, or mongodb with MONGODB_URL set`);
}

const wanted = values.only === '' ? Object.keys(RUNS) : [values.only];
let allHeld = true;
log(`seed ${values.seed}`);
for (const name of wanted) {
  const [title, run] = RUNS[name] ?? [];
  if (title === undefined || run === undefined) {
    throw new Error(`--only ${name}: expected one of ${Object.keys(RUNS).join(', ')}`);
  }
  const dir = tempDir();
  const orders = Number(values.orders);
  const figures = await run({
    orders,
    inFlight: Math.max(8, Math.ceil(orders / 10)),
    confirmations: Number(values.confirmations),
    dataDir: dir.path,
    mongoUrl: mongoUrl(),
    main: ['dist/src/main.js'],
    random: mulberry(Number(values.seed)),
    log,
    endedWithinMs: 180_000,
  });
  const held = printRun(`${title}, ${values.store}, seed ${values.seed}`, figures, log);
  if (held) dir.remove();
  else log(`the files are kept in ${dir.path}`);
  allHeld &&= held;
}
process.exit(allHeld ? 0 : 1);
