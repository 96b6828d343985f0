/** Restores claimed orders: finds the machine of each order, with the effects bound to it, and makes its run. */
import type { AnyActorRef } from 'xstate';
import type { OrderMachine } from '../../machines/order/machine.ts';
import { openOrder, type MachineRegistry } from '../../machines/registry.ts';
import type { ClaimedOrder } from '../store/ports.ts';
import { provideEffects, type EffectDeps, type RunningOrder } from './effects.ts';
import { OrderRun, type OrderRunDeps } from './order-run.ts';

export type Restored =
  | { readonly kind: 'run'; readonly run: OrderRun }
  /** No machine of this release can read the order. */
  | { readonly kind: 'unreadable'; readonly message: string };

export class RunRestorer {
  readonly #registry: MachineRegistry;
  readonly #runDeps: OrderRunDeps;
  readonly #runsBySystem = new WeakMap<AnyActorRef['system'], RunningOrder>();

  constructor(registry: MachineRegistry, effectDeps: Omit<EffectDeps, 'runOf'>, runDeps: OrderRunDeps) {
    const effects: EffectDeps = { ...effectDeps, runOf: (system) => this.#runOf(system) };
    const machines = new Map<number, OrderMachine>(
      [...registry.machines].map(([version, machine]) => [version, provideEffects(machine, effects)]),
    );
    this.#registry = { ...registry, machines };
    this.#runDeps = runDeps;
  }

  /** The run is not started. */
  restore(order: ClaimedOrder): Restored {
    const opened = openOrder(this.#registry, order.state);
    switch (opened.kind) {
      case 'newer':
        return { kind: 'unreadable', message: 'Its machine is newer than this release' };
      case 'unreadable':
        return opened;
      case 'open': {
        const run = new OrderRun(order, opened, this.#runDeps);
        this.#runsBySystem.set(run.system, run);
        return { kind: 'run', run };
      }
    }
  }

  #runOf(system: AnyActorRef['system']): RunningOrder {
    const run = this.#runsBySystem.get(system);
    if (run === undefined) throw new Error('An effect was invoked by an actor system that is not of a run');
    return run;
  }
}
