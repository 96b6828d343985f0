/**
 * A statechart as plain JSON: what the page draws, what `/api/machines` answers, and what the layout is computed from. Everything
 * in it is read from the machine itself, so that a new version of the machine needs no change here.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export interface Chart {
  /** The id of the machine: `order@1`. */
  readonly id: string;
  readonly description: string | null;
  /** Parents before their children; the first is the machine itself. */
  readonly states: readonly ChartState[];
  readonly transitions: readonly ChartTransition[];
}

export interface ChartState {
  /** As in the ids of transitions. */
  readonly id: string;
  /** As in a journal entry's `state`: `routing.quoting`. Empty for the machine itself. */
  readonly path: string;
  readonly name: string;
  readonly parent: string | null;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** Whether its parent starts here. */
  readonly isInitial: boolean;
  readonly description: string | null;
  readonly meta: Readonly<Record<string, unknown>>;
  /** The effects that it invokes. */
  readonly effects: readonly string[];
}

/** `event`: one that is sent; `after`: a timer; `done` and `error`: of an effect or a child state; `always`: at once. */
export type TransitionKind = 'event' | 'after' | 'done' | 'error' | 'always';

export interface ChartTransition {
  /** `source id | event type | index`, as in the `edges` of a journal entry. */
  readonly id: string;
  readonly source: string;
  /** Empty: the state stays, and is not entered again. */
  readonly targets: readonly string[];
  /** The event type as XState has it. */
  readonly event: string;
  readonly kind: TransitionKind;
  /** For people: the name of the event or of the timer's delay; `done` or `error`, of a state with several effects the effect's name. */
  readonly label: string;
  /** Null: it needs none. `else`: those before it in the list need one. */
  readonly guard: string | null;
  readonly actions: readonly string[];
}

export function chartOf(machine: AnyStateMachine): Chart {
  const states: ChartState[] = [];
  const transitions: ChartTransition[] = [];
  const visit = (node: AnyStateNode): void => {
    states.push(stateOf(node));
    for (const [event, candidates] of transitionsOf(node)) {
      candidates.forEach((candidate, index) => {
        transitions.push(transitionOf(node, event, candidate, index, candidates.length));
      });
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return { id: machine.id, description: machine.root.description ?? null, states, transitions };
}

/** Every state of the path and its parents, outermost first: the states that are active where the journal says `path`. */
export function activeStates(chart: Chart, path: string): readonly ChartState[] {
  return chart.states.filter(
    (state) => state.path !== '' && (path === state.path || path.startsWith(`${state.path}.`)),
  );
}

function stateOf(node: AnyStateNode): ChartState {
  const meta: unknown = node.meta;
  return {
    id: node.id,
    path: node.path.join('.'),
    name: node.key,
    parent: node.parent?.id ?? null,
    kind: node.type,
    isInitial: node.parent?.initial.target.includes(node) ?? false,
    description: node.description ?? null,
    meta: typeof meta === 'object' && meta !== null ? { ...meta } : {},
    effects: node.invoke.map(({ src }) => (typeof src === 'string' ? src : 'inline')),
  };
}

function transitionsOf(
  node: AnyStateNode,
): readonly (readonly [string, readonly AnyTransitionDefinition[]])[] {
  const listed = [...node.transitions];
  return node.always === undefined || node.always.length === 0 ? listed : [...listed, ['', node.always]];
}

function transitionOf(
  node: AnyStateNode,
  event: string,
  { target, guard, actions }: AnyTransitionDefinition,
  index: number,
  count: number,
): ChartTransition {
  return {
    id: `${node.id}|${event}|${index}`,
    source: node.id,
    targets: (target ?? []).map(({ id }) => id),
    event,
    ...labelOf(event, node.invoke.length),
    guard: guard === undefined ? (count > 1 && index > 0 ? 'else' : null) : namedWithParams(guard),
    actions: actions.map(namedWithParams).filter((name) => !name.startsWith('xstate.')),
  };
}

/** XState's own event types are `xstate.after.<delay>.<state>`, `xstate.done.actor.<id>`, `xstate.error.actor.<id>` … */
function labelOf(event: string, effects: number): Pick<ChartTransition, 'kind' | 'label'> {
  if (event === '') return { kind: 'always', label: 'always' };
  const after = /^xstate\.after\.([^.]+)\./.exec(event)?.[1];
  if (after !== undefined) return { kind: 'after', label: durationOf(after) };
  const settled = /^xstate\.(done|error)\.(?:actor|state)\.(.+)$/.exec(event);
  if (settled === null) return { kind: 'event', label: event };
  const kind = settled[1] === 'error' ? 'error' : 'done';
  return { kind, label: effects > 1 ? shortId(settled[2] ?? '') : kind };
}

/** A delay in milliseconds as `1.5 s`; a named one as words: `untilRetry` as `retry`. */
function durationOf(delay: string): string {
  if (!/^\d+$/.test(delay)) {
    const words = delay.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
    return words.replace(/^(until|after) /, '');
  }
  const ms = Number(delay);
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}

/** An effect without a name of its own has an id such as `0.order@1.routing`. */
function shortId(id: string): string {
  return /^\d+\./.test(id) ? (id.split('.').at(-1) ?? id) : id;
}

/** `canRetry(routing)`; a function without a name is `inline`. */
function namedWithParams(named: unknown): string {
  if (typeof named === 'string') return named;
  if (typeof named === 'function') return 'inline';
  if (typeof named !== 'object' || named === null || !('type' in named)) return 'inline';
  const { type } = named;
  const name = typeof type === 'string' ? type : 'inline';
  const params = 'params' in named ? named.params : undefined;
  return typeof params === 'string' || typeof params === 'number' ? `${name}(${params})` : name;
}
