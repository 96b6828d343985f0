import { expect, test } from '@jest/globals';
import { createMachine } from 'xstate';
import { machineRegistry } from '../../machines/registry.ts';
import { activeStates, chartOf } from '../../src/charts/chart.ts';
import { edgeGroups, labelBlocks, placeLabel, LINE_HEIGHT } from '../../src/charts/drawing.ts';

const machine = createMachine({
  id: 'light',
  initial: 'red',
  description: 'A traffic light.',
  states: {
    red: {
      description: 'Stop.',
      meta: { progress: 10 },
      invoke: {
        id: 'count',
        src: 'countCars',
        onDone: { guard: 'isBusy', target: 'green' },
        onError: 'off.broken',
      },
      after: { 1500: 'green', untilMorning: { guard: { type: 'isBusy', params: 'night' }, target: 'green' } },
      on: { PING: { actions: 'log' }, AGAIN: { target: 'red', reenter: true } },
    },
    green: { always: [{ guard: 'isNight', target: 'off' }, { target: 'red' }] },
    off: { initial: 'dark', states: { dark: { type: 'final' }, broken: {} }, onDone: 'red' },
  },
});
const chart = chartOf(machine);
const find = (id: string) => chart.transitions.find((each) => each.id === id);

test('a chart has the states with what is written about them', () => {
  expect(chart).toMatchObject({ id: 'light', description: 'A traffic light.' });
  expect(chart.states.map(({ path, kind, isInitial }) => [path, kind, isInitial])).toEqual([
    ['', 'compound', false],
    ['red', 'atomic', true],
    ['green', 'atomic', false],
    ['off', 'compound', false],
    ['off.dark', 'final', true],
    ['off.broken', 'atomic', false],
  ]);
  expect(chart.states[1]).toMatchObject({
    description: 'Stop.',
    meta: { progress: 10 },
    effects: ['countCars'],
  });
});

test('a chart has the transitions with words for people', () => {
  expect(find('light.red|xstate.after.1500.light.red|0')).toMatchObject({
    kind: 'after',
    label: '1.5 s',
    guard: null,
  });
  expect(find('light.red|xstate.after.untilMorning.light.red|0')).toMatchObject({
    label: 'morning',
    guard: 'isBusy(night)',
  });
  expect(find('light.red|xstate.done.actor.count|0')).toMatchObject({
    kind: 'done',
    label: 'done',
    guard: 'isBusy',
  });
  expect(find('light.red|xstate.error.actor.count|0')).toMatchObject({
    kind: 'error',
    targets: ['light.off.broken'],
  });
  expect(find('light.green||1')).toMatchObject({ kind: 'always', guard: 'else' });
  expect(find('light.off|xstate.done.state.light.off|0')).toMatchObject({
    kind: 'done',
    targets: ['light.red'],
  });
  expect(find('light.red|PING|0')).toMatchObject({ kind: 'event', targets: [], actions: ['log'] });
});

test('the active states are those of the path, outermost first', () => {
  expect(activeStates(chart, 'off.broken').map(({ id }) => id)).toEqual(['light.off', 'light.off.broken']);
  expect(activeStates(chart, 'red').map(({ id }) => id)).toEqual(['light.red']);
});

test('a label names events that lead the same way once, and the guards that were asked', () => {
  const toGreen = chart.transitions.filter(({ targets }) => targets.includes('light.green'));
  const blocks = labelBlocks(toGreen, 'full');
  expect(
    blocks.map(({ events, guards }) => [events.map(({ text }) => text), guards.map(({ text }) => text)]),
  ).toEqual([
    [['done', 'morning'], ['isBusy']],
    [['1.5 s'], []],
  ]);
  const [overview] = labelBlocks(toGreen, 'overview');
  expect(overview?.events.map(({ kind, text }) => [kind, text])).toEqual([
    ['done', ''],
    ['after', ''],
  ]);
});

test.each([...machineRegistry.machines])(
  'the words of a label of machine version %i do not overlap',
  (_version, order) => {
    for (const { transitions } of edgeGroups(chartOf(order))) {
      const { parts, width, height } = placeLabel(labelBlocks(transitions, 'full'));
      expect(parts.flatMap((part) => part.transitions).sort()).toEqual(
        expect.arrayContaining(transitions.map(({ id }) => id)),
      );
      for (const [index, { x, textX, line }] of parts.entries()) {
        const next = parts[index + 1];
        if (next?.line === line) expect(next.x).toBeGreaterThan(textX);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(textX).toBeLessThan(width);
        expect((line + 1) * LINE_HEIGHT).toBeLessThan(height);
      }
    }
  },
);

test.each([...machineRegistry.machines])(
  'the edges of machine version %i are named as in the journal',
  (_version, order) => {
    const { transitions } = chartOf(order);
    const ids = new Set(transitions.map(({ id }) => id));
    expect(ids.size).toBe(transitions.length);
    // The source of each transition takes its event at this index.
    for (const { source, event, id, kind } of transitions) {
      const node = order.getStateNodeById(source);
      const index = Number(id.split('|').at(-1));
      if (kind !== 'always') expect(node.transitions.get(event)?.[index]).toBeDefined();
    }
  },
);
