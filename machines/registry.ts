/**
 * Which machine a stored order runs on. A stored state carries the version of its machine, because XState does not check it.
 * An order of an older version runs on its own machine if that is still registered, else on the first registered one that
 * migrations lead to. This release does not touch orders of a newer version.
 */
import type { StateValue } from 'xstate';
import { MACHINE_VERSION, orderMachine, type OrderMachine } from './order/machine.ts';
import { toLiveContext, type StoredOrderContext } from './order/stored-context.ts';

/** The state of an order as it is stored: plain JSON of the named machine version. */
export interface StoredState {
  readonly machineVersion: number;
  readonly value: StateValue;
  readonly context: unknown;
  readonly status: 'active' | 'done';
}

export interface MachineRegistry {
  /** The version of new orders. */
  readonly current: number;
  readonly machines: ReadonlyMap<number, OrderMachine>;
  /** Pure functions, by the version that they migrate from. The result names its version, which must be higher. */
  readonly migrations: ReadonlyMap<number, (state: StoredState) => StoredState>;
}

export type OrderSnapshot = ReturnType<OrderMachine['resolveState']>;

export type Opened =
  | {
      readonly kind: 'open';
      readonly machineVersion: number;
      readonly machine: OrderMachine;
      readonly snapshot: OrderSnapshot;
    }
  | { readonly kind: 'newer' }
  | { readonly kind: 'unreadable'; readonly message: string };

export const machineRegistry: MachineRegistry = {
  current: MACHINE_VERSION,
  machines: new Map([[MACHINE_VERSION, orderMachine]]),
  migrations: new Map(),
};

/** Finds the machine of a stored order and resolves its state on it. Starts nothing and does not throw. */
export function openOrder(registry: MachineRegistry, stored: StoredState): Opened {
  if (stored.machineVersion > registry.current) return { kind: 'newer' };
  try {
    const state = migrate(registry, stored);
    const machine = registry.machines.get(state.machineVersion);
    if (machine === undefined) {
      return {
        kind: 'unreadable',
        message:
          `Machine version ${state.machineVersion} is not registered and has no migration: ` +
          `expected one of ${[...registry.machines.keys()].join(', ')}`,
      };
    }
    return { kind: 'open', machineVersion: state.machineVersion, machine, snapshot: resolve(machine, state) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return {
      kind: 'unreadable',
      message: `The stored state does not fit machine ${stored.machineVersion}: ${reason}`,
    };
  }
}

/** Applies migrations until the version is registered, or has no migration. */
export function migrate(registry: MachineRegistry, stored: StoredState): StoredState {
  let state = stored;
  while (!registry.machines.has(state.machineVersion)) {
    const step = registry.migrations.get(state.machineVersion);
    if (step === undefined) return state;
    const next = step(state);
    if (next.machineVersion <= state.machineVersion) {
      throw new Error(
        `The migration from version ${state.machineVersion} leads to version ${next.machineVersion}: expected a higher one`,
      );
    }
    state = next;
  }
  return state;
}

/** `resolveState` neither starts effects nor arms timers: nothing runs before an event is sent. */
function resolve(machine: OrderMachine, state: StoredState): OrderSnapshot {
  return machine.resolveState({
    value: state.value,
    context: toLiveContext(state.context as StoredOrderContext),
    status: state.status,
  });
}
