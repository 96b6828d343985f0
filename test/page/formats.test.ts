import { expect, test } from '@jest/globals';
import { runInThisContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { createMachine, fromPromise, setup, type AnyStateMachine } from 'xstate';
import { machineRegistry } from '../../machines/registry.ts';
import { chartOf } from '../../src/charts/chart.ts';
import { configJson, mermaid, statelyTypeScript } from '../../src/charts/formats.ts';

type MachineConfigJson = Parameters<typeof createMachine>[0];
const MACHINES = [...machineRegistry.machines];

type Module = (exported: { machine?: AnyStateMachine }, require: () => object) => void;

/** Runs the text as a module that imports XState. */
function machineIn(typescript: string): AnyStateMachine {
  const { code } = transformSync(typescript, { loader: 'ts', format: 'cjs' });
  const exported: { machine?: AnyStateMachine } = {};
  const run = runInThisContext(
    `(exported, require) => { const module = {}; ${code}\n; Object.assign(exported, module.exports); }`,
  ) as Module;
  run(exported, () => ({ fromPromise, setup }));
  if (exported.machine === undefined) throw new Error('the text exports no machine');
  return exported.machine;
}

test.each(MACHINES)(
  'the TypeScript of machine version %i is a machine with the same chart',
  (_version, machine) => {
    const chart = chartOf(machine);
    expect(chartOf(machineIn(statelyTypeScript(machine, chart)))).toEqual(chart);
  },
);

test.each(MACHINES)('the JSON of machine version %i is a config with the same chart', (_version, machine) => {
  expect(chartOf(createMachine(JSON.parse(configJson(machine)) as MachineConfigJson))).toEqual(
    chartOf(machine),
  );
});

test.each(MACHINES)(
  'the Mermaid diagram of machine version %i has each state and each transition',
  (_version, machine) => {
    const chart = chartOf(machine);
    const lines = mermaid(chart).split('\n');
    expect(lines[0]).toBe('stateDiagram-v2');
    for (const { name } of chart.states.slice(1)) expect(lines.join('\n')).toContain(`state "${name}" as`);
    expect(lines.filter((line) => line.includes(' : '))).toHaveLength(
      chart.transitions.reduce((sum, { targets }) => sum + Math.max(1, targets.length), 0),
    );
  },
);
