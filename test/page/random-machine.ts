/** Random nested machines, each from its seed: charts that no layout was made for. */
import { createMachine, type AnyStateMachine } from 'xstate';
import { mulberry } from '../support/seeded-random.ts';

interface RandomState {
  id: string;
  type?: 'parallel' | 'final';
  initial?: string;
  states?: Record<string, RandomState>;
  on?: Record<string, RandomTransition[]>;
  after?: Record<string, RandomTransition[]>;
}

interface RandomTransition {
  target?: string;
  guard?: string;
}

const NAMES = [
  'idle',
  'quoting',
  'waiting',
  'backoff',
  'settling',
  'authorising',
  'done',
  'x',
  'reconciling',
];
const EVENTS = ['START', 'CANCEL', 'QUOTED', 'PAYMENT_REQUIRED', 'X', 'RESUME'];
const GUARDS = ['canRetry', 'isExpired', 'ok', 'hasEnoughAllowance'];

export function randomMachine(seed: number): AnyStateMachine {
  const random = mulberry(seed);
  const chance = (share: number): boolean => random() < share;
  const upTo = (count: number): number => Math.floor(random() * count);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[upTo(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const all: RandomState[] = [];

  function grow(id: string, depth: number): RandomState {
    const state: RandomState = { id };
    all.push(state);
    const hasChildren = depth === 0 || (depth < 3 && chance(0.35));
    if (!hasChildren) {
      if (chance(0.15)) state.type = 'final';
      return state;
    }
    const count = depth === 0 ? 3 + upTo(5) : 2 + upTo(3);
    const states: Record<string, RandomState> = {};
    for (let n = 0; n < count; n += 1) {
      const name = `${pick(NAMES)}${n}`;
      states[name] = grow(`${id}.${name}`, depth + 1);
    }
    state.states = states;
    if (depth > 0 && chance(0.15)) state.type = 'parallel';
    else state.initial = Object.keys(states)[0] ?? '';
    return state;
  }

  const transition = (): RandomTransition => ({
    ...(chance(0.9) ? { target: `#${pick(all.slice(1)).id}` } : {}),
    ...(chance(0.3) ? { guard: pick(GUARDS) } : {}),
  });

  const root = grow('m', 0);
  for (const state of all.slice(1)) {
    if (state.type === 'final') continue;
    state.on = Object.fromEntries(
      EVENTS.filter(() => chance(0.3)).map((event) => [
        event,
        chance(0.2) ? [transition(), transition()] : [transition()],
      ]),
    );
    if (chance(0.2)) state.after = { [chance(0.5) ? '1500' : 'untilRetry']: [transition()] };
  }
  return createMachine(root);
}
