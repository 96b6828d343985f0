/**
 * `npm run fuzz -- --inputs 1000000`: the fuzzer in its long form. `--minutes N` ends it earlier; `--seed N` repeats a run, and with
 * `--inputs 1000` the thousand that a fault names.
 */
import { parseArgs } from 'node:util';
import { randomInt } from 'node:crypto';
import { buildPrograms } from '../../support/jest/build-programs.ts';
import { fuzz, type FuzzFigures } from './fuzz.ts';
import type { Memory } from './fuzzed-stack.ts';

/** Of the heap after a collection of garbage, from a tenth of the inputs on. */
const MOST_GROWTH = 1.25;

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
for (const share of [0.1, 0.5, 1]) {
  const sample = sampleAt(share);
  if (sample !== undefined) console.log(`${share * 100} %: ${textOf(sample)}`);
}
for (const fault of figures.faults) console.log(fault);
const grows = heapAt(1) > heapAt(0.1) * MOST_GROWTH;
if (grows) console.log(`the heap grew by more than ${Math.round((MOST_GROWTH - 1) * 100)} %`);
process.exit(figures.faults.length === 0 && !grows ? 0 : 1);

function sampleAt(share: number) {
  return figures.memory.find(({ inputs }) => inputs >= figures.inputs * share);
}

function heapAt(share: number): number {
  return sampleAt(share)?.heapUsed ?? 0;
}

function lineOf({ inputs, seconds, memory, faults }: FuzzFigures): string {
  const last = memory.at(-1);
  return `${inputs} inputs, ${Math.round(seconds)} s, ${faults.length} faults; ${last === undefined ? '' : textOf(last)}`;
}

function textOf({ rss, heapUsed, external }: Memory): string {
  const [resident, heap, outside] = [rss, heapUsed, external].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return `RSS ${resident} MB, heap ${heap} MB, outside ${outside} MB`;
}
