import { expect, test } from '@jest/globals';
import { machineRegistry } from '../../machines/registry.ts';
import { chartOf } from '../../src/charts/chart.ts';
import { edgeGroups, staysOf } from '../../src/charts/drawing.ts';
import { findOverlaps } from '../../scripts/page/find-overlaps.ts';
import { layOut } from '../../scripts/page/layout.ts';
import { randomMachine } from './random-machine.ts';

const DETAILS = ['full', 'overview'] as const;
const MACHINES = [...machineRegistry.machines];
/** `CHARTS=1000` lays out more of them, and `SEED` others. */
const CHARTS = Number(process.env['CHARTS'] ?? 4);
const SEED = Number(process.env['SEED'] ?? 1);

test.each(MACHINES)(
  'machine version %i is drawn without overlaps, with all of its states',
  async (_version, machine) => {
    const chart = chartOf(machine);
    const states = chart.states.slice(1).map(({ id }) => id);
    for (const detail of DETAILS) {
      const drawing = await layOut(chart, detail);
      expect(findOverlaps(chart, drawing)).toEqual([]);
      expect(Object.keys(drawing.boxes).sort()).toEqual(states.sort());
    }
  },
);

test.each(MACHINES)(
  'each transition of machine version %i is drawn: as a line, or in the box of its state',
  (_version, machine) => {
    const chart = chartOf(machine);
    const drawn = [
      ...edgeGroups(chart).flatMap(({ transitions }) => transitions),
      ...chart.states.flatMap(({ id }) => staysOf(chart, id)),
    ];
    expect(new Set(drawn.map(({ id }) => id))).toEqual(new Set(chart.transitions.map(({ id }) => id)));
  },
);

test(`${CHARTS} random nested charts are drawn without overlaps`, async () => {
  for (let seed = SEED; seed < SEED + CHARTS; seed += 1) {
    const chart = chartOf(randomMachine(seed));
    // `layOut` throws when it finds no layout without overlaps.
    const failure = await layOut(chart, seed % 2 === 0 ? 'full' : 'overview').then(
      () => null,
      (thrown: unknown) => String(thrown),
    );
    expect([seed, failure]).toEqual([seed, null]);
  }
}, 120_000);

test('an overlap is found: of a label with a label, a line and a state, and of a line with a state and a line', async () => {
  const chart = chartOf(randomMachine(3));
  const drawing = await layOut(chart, 'full');
  const [first, second] = drawing.edges;
  if (first === undefined || second === undefined) throw new Error('the chart has no two edges');
  const withFirst = (change: Partial<typeof first>) =>
    findOverlaps(chart, { ...drawing, edges: [{ ...first, ...change }, ...drawing.edges.slice(1)] }).join(
      '\n',
    );
  const [from] = second.points;
  const box = drawing.boxes[chart.states.find(({ kind }) => kind === 'atomic')?.id ?? ''];
  if (from === undefined || box === undefined) throw new Error('the chart has no state');
  expect(withFirst({ label: second.label })).toContain(
    `the label of ${first.id} lies on the label of ${second.id}`,
  );
  expect(withFirst({ label: { x: from[0] - 5, y: from[1], width: 10, height: 20 } })).toContain(
    `the label of ${first.id} lies on the line ${second.id}`,
  );
  expect(withFirst({ label: { ...box, width: 4, height: 4 } })).toContain(
    `the label of ${first.id} lies on `,
  );
  expect(
    withFirst({
      points: [
        [box.x - 5, box.y + 10],
        [box.x + box.width + 5, box.y + 10],
      ],
    }),
  ).toContain('runs through');
  expect(withFirst({ points: second.points })).toContain('run along each other');
});
