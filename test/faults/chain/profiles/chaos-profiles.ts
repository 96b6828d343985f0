/**
 * `npm run chaos:profiles`: orders on an anvil that behaves like other chains and providers, while workers are killed and orders
 * cancelled. Prints a table, and fails if a promise is broken. `-- --only NAME` runs one profile.
 */
import { parseArgs } from 'node:util';
import { mulberry } from '../../../support/seeded-random.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import type { RunFigures } from '../chain-run.ts';
import { isHeld, printRun } from '../print-run.ts';
import { PROFILES, type ChainProfile } from './chain-profiles.ts';
import { runProfile } from './run-profile.ts';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '50' },
    kills: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
  },
});

const log = (line: string): void => console.log(line);
const rows: string[] = [];
let allHeld = true;
log(`seed ${values.seed}`);
const wanted = PROFILES.filter(({ name }) => values.only === '' || name === values.only);
if (wanted.length === 0) {
  throw new Error(`--only ${values.only}: expected one of ${PROFILES.map(({ name }) => name).join(', ')}`);
}
for (const profile of wanted) {
  const dir = tempDir();
  const orders = Number(values.orders);
  const figures = await runProfile(profile, {
    orders,
    kills: Number(values.kills),
    inFlight: Math.ceil(orders / 4),
    dataDir: dir.path,
    mongoUrl: null,
    main: ['dist/src/main.js'],
    random: mulberry(Number(values.seed)),
    log,
    endedWithinMs: 180_000,
  });
  if (printRun(`${profile.name}, seed ${values.seed}`, figures, log)) dir.remove();
  else log(`the files are kept in ${dir.path}`);
  allHeld &&= isHeld(figures.broken);
  rows.push(rowOf(profile, figures));
}

log(
  '\n| profile | blocks | orders: confirmed, cancelled, failed | swaps reverted | workers killed | requests an order | requests a block | gas an order | past `validTo` | broken |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
);
for (const row of rows) log(row);
process.exit(allHeld ? 0 : 1);

function rowOf(
  { name, what, ratio, setting }: ChainProfile,
  { counts, endings, broken }: RunFigures,
): string {
  const count = (key: string): number => counts[key] ?? 0;
  const ended = (status: string): number =>
    Object.entries(endings)
      .filter(([ending]) => ending.startsWith(status))
      .reduce((sum, [, orders]) => sum + orders, 0);
  const blocks = `${setting.rules.blockMs / 1_000} s${ratio === 1 ? '' : ` (1/${ratio})`}`;
  const orders = `${count('orders')}: ${['confirmed', 'cancelled', 'failed'].map(ended).join(', ')}`;
  return `| ${[
    `${name} (${what})`,
    blocks,
    orders,
    count('swaps, reverted'),
    count('kills'),
    (count('requests') / count('orders')).toFixed(1),
    (count('requests') / count('blocks')).toFixed(1),
    Math.round(count('gas used') / count('orders')),
    `${count('seconds past validTo, at most')} s`,
    Object.values(broken).flat().length,
  ].join(' | ')} |`;
}
