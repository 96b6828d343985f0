/** Computes the state of an order from its journal alone. An audit compares it with the stored state. */
import { initialTransition, transition } from 'xstate';
import { statePath } from './order/state.ts';
import { toStoredContext } from './order/stored-context.ts';
import type { OrderEvent, OrderInput } from './order/types.ts';
import {
  migrate,
  openOrder,
  type MachineRegistry,
  type OrderSnapshot,
  type StoredState,
} from './registry.ts';

/** The part of a journal entry that a replay needs. The first entry's event carries the order's `input`. */
export interface ReplayedEntry {
  readonly machineVersion: number;
  readonly event: { readonly type: string; readonly input?: unknown };
  readonly state: string;
}

/**
 * Runs the events of a journal through the machines that took them, and migrates where the version changes.
 * @throws Error when an entry does not lead to the state that it names, or when its machine is not registered
 */
export function replay(registry: MachineRegistry, entries: readonly ReplayedEntry[]): StoredState {
  const last = replaySteps(registry, entries).at(-1);
  if (last === undefined) throw new Error('The journal has no entries');
  return last;
}

/** The state after each entry. @throws Error as `replay` does */
export function replaySteps(
  registry: MachineRegistry,
  entries: readonly ReplayedEntry[],
): readonly StoredState[] {
  const [first, ...rest] = entries;
  if (first?.event.input === undefined) throw new Error('The first journal entry has no input');
  const machine = registry.machines.get(first.machineVersion);
  if (machine === undefined) throw new Error(`Machine version ${first.machineVersion} is not registered`);
  const [initial] = initialTransition(machine, first.event.input as OrderInput);
  let state = toStoredState(first.machineVersion, initial);
  expectState(state, first);
  const steps = [state];
  for (const entry of rest) {
    state = replayEntry(registry, state, entry);
    expectState(state, entry);
    steps.push(state);
  }
  return steps;
}

/** The part of a snapshot that is stored: no children, no history. */
export function toStoredState(
  machineVersion: number,
  snapshot: Pick<OrderSnapshot, 'value' | 'context' | 'status'>,
): StoredState {
  return {
    machineVersion,
    value: snapshot.value,
    context: toStoredContext(snapshot.context),
    status: snapshot.status === 'done' ? 'done' : 'active',
  };
}

function replayEntry(registry: MachineRegistry, state: StoredState, entry: ReplayedEntry): StoredState {
  const opened = openOrder(
    registry,
    entry.machineVersion === state.machineVersion ? state : migrate(registry, state),
  );
  if (opened.kind !== 'open')
    throw new Error(
      `Machine version ${entry.machineVersion} cannot open the state before ${entry.event.type}`,
    );
  const [snapshot] = transition(opened.machine, opened.snapshot, entry.event as OrderEvent);
  return toStoredState(opened.machineVersion, snapshot);
}

function expectState(state: StoredState, entry: ReplayedEntry): void {
  const reached = statePath(state.value);
  if (reached !== entry.state) {
    throw new Error(
      `Replaying ${entry.event.type} leads to ${reached}: expected ${entry.state}, as the journal says`,
    );
  }
}
