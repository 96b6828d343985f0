import type { Chart, ChartTransition } from '../../src/charts/chart.ts';
import { statusOf } from '../../machines/order/state.ts';

/** A Mermaid diagram of the outermost states: between two of them one line, with all events that lead along it. */
export function machineOverview({ states, transitions }: Chart): string {
  const statuses = new Map(
    states.flatMap(({ id, path }) => (path === '' ? [] : [[id, statusOf(path)] as const])),
  );
  const lines = new Map<string, Set<string>>();
  for (const transition of transitions) {
    const source = statuses.get(transition.source);
    for (const id of transition.targets) {
      const target = statuses.get(id);
      if (source === undefined || target === undefined || source === target) continue;
      const line = `${source} --> ${target}`;
      lines.set(line, (lines.get(line) ?? new Set()).add(eventOf(transition)));
    }
  }
  const outermost = states.filter(({ path }) => path !== '' && !path.includes('.'));
  const [machine] = states;
  return [
    'stateDiagram-v2',
    '  direction LR',
    ...outermost.flatMap(({ path, isInitial, kind, parent }) => [
      ...(isInitial && parent === machine?.id ? [`  [*] --> ${path}`] : []),
      ...(kind === 'final' ? [`  ${path} --> [*]`] : []),
    ]),
    ...[...lines].map(([line, events]) => `  ${line} : ${[...events].join(', ')}`),
    '',
  ].join('\n');
}

function eventOf({ kind, event }: ChartTransition): string {
  switch (kind) {
    case 'done':
      return 'done';
    case 'error':
      return 'error';
    case 'after':
      return 'deadline';
    case 'event':
    case 'always':
      return event;
  }
}
