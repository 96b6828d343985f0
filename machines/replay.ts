/** The state of an order from nothing but its journal: what an audit compares the stored state with. */
import { initialTransition, transition } from 'xstate';
import { statePath } from './order/state.ts';
import type { OrderEvent, OrderInput } from './order/types.ts';
import {
  migrate,
  openOrder,
  type MachineRegistry,
  type OrderSnapshot,
  type StoredState,
} from './registry.ts';

/** What a replay needs of a journal entry. The first one's event carries the order's `input`. */
export interface ReplayedEntry {
  readonly machineVersion: number;
  readonly event: { readonly type: string; readonly input?: unknown };
  readonly state: string;
}

/**
 * Runs the events of a journal through the machines that took them, with migrations where the version changes.
 * @throws Error when an entry does not lead to the state that it names, or its machine is not registered
 */
export function replay(registry: MachineRegistry, entries: readonly ReplayedEntry[]): StoredState {
  const [first, ...rest] = entries;
  if (first?.event.input === undefined)
    throw new Error('A journal begins with an entry that holds the input');
  const machine = registry.machines.get(first.machineVersion);
  if (machine === undefined) throw new Error(`No machine of version ${first.machineVersion} to replay on`);
  const [begun] = initialTransition(machine, first.event.input as OrderInput);
  let state = store(first.machineVersion, begun);
  expectState(state, first);
  for (const entry of rest) {
    state = step(registry, state, entry);
    expectState(state, entry);
  }
  return state;
}

/** A snapshot as it is stored: no children, no history. */
export function store(machineVersion: number, snapshot: OrderSnapshot): StoredState {
  return {
    machineVersion,
    value: snapshot.value,
    context: snapshot.context,
    status: snapshot.status === 'done' ? 'done' : 'active',
  };
}

function step(registry: MachineRegistry, state: StoredState, entry: ReplayedEntry): StoredState {
  const opened = openOrder(
    registry,
    entry.machineVersion === state.machineVersion ? state : migrate(registry, state),
  );
  if (opened.kind !== 'open')
    throw new Error(`Machine ${entry.machineVersion} cannot open the state before ${entry.event.type}`);
  const [snapshot] = transition(opened.machine, opened.snapshot, entry.event as OrderEvent);
  return store(opened.machineVersion, snapshot);
}

function expectState(state: StoredState, entry: ReplayedEntry): void {
  const reached = statePath(state.value);
  if (reached !== entry.state) {
    throw new Error(`Replaying ${entry.event.type} leads to ${reached}: the journal says ${entry.state}`);
  }
}
