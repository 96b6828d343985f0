/** What a chart shows of one order at one step: where it is, how it got there, where it may go. */
import { activeStates, type Chart } from '../../src/charts/chart.ts';
import type { Tone } from '../parts/tone.ts';

export interface Timer {
  /** The event type that it sends. */
  readonly event: string;
  readonly source: string;
  /** Unix milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number;
}

export interface Marks {
  /** Ids of states, outermost first. */
  readonly active: readonly string[];
  /** Ids of the transitions that led to the step. */
  readonly taken: ReadonlySet<string>;
  /** How often each transition was taken, up to the step. */
  readonly counts: ReadonlyMap<string, number>;
  /** Ids of states that were active at an earlier step. */
  readonly visited: ReadonlySet<string>;
  readonly tone: Tone;
  readonly hasEnded: boolean;
  /** Of the active states; only at the last step. */
  readonly timers: readonly Timer[];
}

export const NO_MARKS: Marks = {
  active: [],
  taken: new Set(),
  counts: new Map(),
  visited: new Set(),
  tone: 'idle',
  hasEnded: false,
  timers: [],
};

interface Step {
  readonly state: string;
  readonly edges: readonly string[];
}

/** @param steps up to the one that is shown */
export function marksOf(
  chart: Chart,
  steps: readonly Step[],
  rest: Pick<Marks, 'tone' | 'hasEnded' | 'timers'>,
): Marks {
  const last = steps.at(-1);
  const counts = new Map<string, number>();
  const visited = new Set<string>();
  for (const { state, edges } of steps) {
    for (const edge of edges) counts.set(edge, (counts.get(edge) ?? 0) + 1);
    for (const { id } of activeStates(chart, state)) visited.add(id);
  }
  return {
    active: last === undefined ? [] : activeStates(chart, last.state).map(({ id }) => id),
    taken: new Set(last?.edges ?? []),
    counts,
    visited,
    ...rest,
  };
}
