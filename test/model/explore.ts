/**
 * Explores every state that a model can reach, breadth first, and says whether all of them are safe and none is a dead end.
 * "Not a dead end" means: some way leads from it to a good state. It does not say that every way does; that takes
 * fairness (a worker that never runs again and no other in its place waits forever).
 */
export interface Step<State> {
  readonly name: string;
  readonly next: State;
}

export interface Model<State> {
  readonly initial: State;
  readonly steps: (state: State) => readonly Step<State>[];
  /** Equal for two states if and only if they are the same state. */
  readonly key: (state: State) => string;
  /** What is wrong with this state; null where nothing is. */
  readonly wrong: (state: State) => string | null;
  readonly isGood: (state: State) => boolean;
}

export interface Violation {
  readonly kind: string;
  /** A shortest way to the first bad state, by the names of its steps. */
  readonly trace: readonly string[];
}

export interface Explored {
  readonly states: number;
  /** The names of all steps that were ever possible. */
  readonly taken: ReadonlySet<string>;
  readonly violation: Violation | null;
}

/** The kind of violation of a state from which no good state can be reached. */
export const STUCK = 'stuck';

interface Graph {
  readonly cameFrom: number[];
  readonly by: string[];
  readonly edgesFrom: number[];
  readonly edgesTo: number[];
  readonly good: number[];
}

/** @throws when the model has more than `limit` states: it is then not the model that was meant */
export function explore<State>(model: Model<State>, limit = 2_000_000): Explored {
  const states = [model.initial];
  const index = new Map([[model.key(model.initial), 0]]);
  const graph: Graph = { cameFrom: [-1], by: [''], edgesFrom: [], edgesTo: [], good: [] };
  const taken = new Set<string>();

  // The list grows while it is walked: this is the queue of the breadth-first search.
  for (const [at, state] of states.entries()) {
    const kind = model.wrong(state);
    if (kind !== null)
      return { states: states.length, taken, violation: { kind, trace: traceTo(graph, at) } };
    if (model.isGood(state)) graph.good.push(at);
    for (const { name, next } of model.steps(state)) {
      taken.add(name);
      const key = model.key(next);
      let to = index.get(key);
      if (to === undefined) {
        to = states.push(next) - 1;
        index.set(key, to);
        graph.cameFrom.push(at);
        graph.by.push(name);
        if (to >= limit) throw new Error(`the model has more than ${limit} states`);
      }
      graph.edgesFrom.push(at);
      graph.edgesTo.push(to);
    }
  }

  const stuck = firstThatReachesNone(graph, states.length);
  const violation = stuck === null ? null : { kind: STUCK, trace: traceTo(graph, stuck) };
  return { states: states.length, taken, violation };
}

function traceTo({ cameFrom, by }: Graph, state: number): string[] {
  const trace: string[] = [];
  for (let at = state; at > 0; at = cameFrom[at] ?? 0) trace.unshift(by[at] ?? '');
  return trace;
}

/** Walks the edges backwards from the good states; what is never met cannot get to one. */
function firstThatReachesNone({ edgesFrom, edgesTo, good }: Graph, count: number): number | null {
  // The edges grouped by where they lead: those into state s are at positions start[s] to start[s + 1].
  const start = new Int32Array(count + 1);
  for (const to of edgesTo) start[to + 1] = (start[to + 1] ?? 0) + 1;
  for (let state = 0; state < count; state++)
    start[state + 1] = (start[state + 1] ?? 0) + (start[state] ?? 0);
  const free = start.slice();
  const into = new Int32Array(edgesTo.length);
  for (const [edge, to] of edgesTo.entries()) {
    const position = free[to] ?? 0;
    into[position] = edgesFrom[edge] ?? 0;
    free[to] = position + 1;
  }

  const reaches = new Uint8Array(count);
  const queue = [...good];
  for (const state of good) reaches[state] = 1;
  for (const state of queue) {
    for (let position = start[state] ?? 0; position < (start[state + 1] ?? 0); position++) {
      const before = into[position] ?? 0;
      if (reaches[before] === 1) continue;
      reaches[before] = 1;
      queue.push(before);
    }
  }
  const first = reaches.indexOf(0);
  return first === -1 ? null : first;
}
