/**
 * Which machine a stored order runs on. A snapshot carries the version of its machine; XState would not check it.
 * An order of an older version runs on that machine if it is still registered, else on the newest that a chain of
 * migrations leads to. A newer one is none of this release's business.
 */
import type { StateValue } from 'xstate';
import { MACHINE_VERSION, orderMachine, type OrderMachine } from './order/machine.ts';
import type { OrderContext } from './order/types.ts';

/** An order's state as it is stored: plain JSON, of the machine version it names. */
export interface StoredState {
  readonly machineVersion: number;
  readonly value: StateValue;
  readonly context: unknown;
  readonly status: 'active' | 'done';
}

export interface MachineRegistry {
  /** The version that new orders begin on. */
  readonly current: number;
  readonly machines: ReadonlyMap<number, OrderMachine>;
  /** From the version that is the key to the one the result names, which must be higher. Pure. */
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

/** Finds the machine of a stored order and puts its state into it. Starts nothing; throws nothing. */
export function openOrder(registry: MachineRegistry, stored: StoredState): Opened {
  if (stored.machineVersion > registry.current) return { kind: 'newer' };
  try {
    const state = migrate(registry, stored);
    const machine = registry.machines.get(state.machineVersion);
    if (machine === undefined) {
      return {
        kind: 'unreadable',
        message: `No machine of version ${state.machineVersion} and no migration from it; this release runs ${[...registry.machines.keys()].join(', ')}`,
      };
    }
    return { kind: 'open', machineVersion: state.machineVersion, machine, snapshot: resolve(machine, state) };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return {
      kind: 'unreadable',
      message: `The stored state does not fit machine ${stored.machineVersion}: ${why}`,
    };
  }
}

/** Applies migrations until a registered machine is reached or none is left. */
export function migrate(registry: MachineRegistry, stored: StoredState): StoredState {
  let state = stored;
  while (!registry.machines.has(state.machineVersion)) {
    const step = registry.migrations.get(state.machineVersion);
    if (step === undefined) return state;
    const next = step(state);
    if (next.machineVersion <= state.machineVersion) {
      throw new Error(
        `The migration from version ${state.machineVersion} leads to ${next.machineVersion}: expected a higher one`,
      );
    }
    state = next;
  }
  return state;
}

/** Nothing runs until an event comes: `resolveState` neither starts effects nor arms timers. */
function resolve(machine: OrderMachine, state: StoredState): OrderSnapshot {
  return machine.resolveState({
    value: state.value,
    context: state.context as OrderContext,
    status: state.status,
  });
}
