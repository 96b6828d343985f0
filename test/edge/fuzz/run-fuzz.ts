/**
 * `npm run fuzz -- --inputs 1000000`: the fuzzer in its long form. `--minutes N` ends it earlier; `--seed N` repeats a run, and with
 * `--inputs 1000` the thousand that a fault names.
 */
import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';
import { buildPrograms } from '../../support/jest/build-programs.ts';
import { fuzz, type FuzzFigures } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});
const seed = Number(values.seed);
console.log(`seed ${seed}`);
await buildPrograms();
const figures = await fuzz({
  inputs: Number(values.inputs),
  seed,
  minutes: Number(values.minutes),
  onProgress: (progress) => console.log(lineOf(progress)),
});
console.log(JSON.stringify(figures.outcomes, null, 2));
for (const fault of figures.faults) console.log(fault);
process.exit(figures.faults.length === 0 ? 0 : 1);

function lineOf({ inputs, seconds, memory, faults }: FuzzFigures): string {
  const { rss = 0, heapUsed = 0, external = 0 } = memory.at(-1) ?? {};
  const [resident, heap, outside] = [rss, heapUsed, external].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return `${inputs} inputs, ${Math.round(seconds)} s, ${faults.length} faults; RSS ${resident} MB, heap ${heap} MB, outside ${outside} MB`;
}
