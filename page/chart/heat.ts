/** How strongly the parts of a chart are coloured: by what many orders did. */
import type { MachineStats } from '../../src/protocol/machine-stats.ts';
import { durationText } from '../parts/format.ts';
import { NO_MARKS, type Marks } from './marks.ts';

export interface Heat {
  /** 0 to 1: how many orders took one of the transitions. */
  readonly ofEdge: (transitions: readonly string[]) => number;
  /** 0 to 1: how long the state lasts, against the one that lasts longest. */
  readonly ofState: (path: string) => number;
  readonly fails: (path: string) => boolean;
  /** In words; undefined: no order was in it. */
  readonly textOf: (path: string) => string | undefined;
}

export function heatOf({ orders, edges, states }: MachineStats): Heat {
  const ordersOf = new Map(edges.map((edge) => [edge.id, edge.orders]));
  const byPath = new Map(states.map((state) => [state.path, state]));
  // A state with others in it lasts as long as they do together: only those without are compared.
  const leaves = states.filter(({ path }) => !states.some((other) => other.path.startsWith(`${path}.`)));
  const longest = Math.max(1, ...leaves.map(({ p50Ms }) => p50Ms ?? 0));
  return {
    ofEdge: (ids) => share(Math.max(0, ...ids.map((id) => ordersOf.get(id) ?? 0)), orders),
    ofState: (path) => share(byPath.get(path)?.p50Ms ?? 0, longest),
    fails: (path) => (byPath.get(path)?.failures ?? 0) > 0,
    textOf: (path) => {
      const state = byPath.get(path);
      if (state === undefined) return undefined;
      const lasts =
        state.p50Ms === null
          ? ''
          : `, ${durationText(state.p50Ms)} p50, ${durationText(state.p99Ms ?? 0)} p99`;
      return `${state.orders} orders${lasts}${state.failures > 0 ? `, ${state.failures} ended unfilled from here` : ''}`;
    },
  };
}

/** The chart of no single order: only how often transitions were taken. */
export function marksOfStats({ edges }: MachineStats): Marks {
  return { ...NO_MARKS, counts: new Map(edges.map(({ id, taken }) => [id, taken])) };
}

/** Small shares can still be told from none. */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.sqrt(Math.min(1, part / whole));
}
