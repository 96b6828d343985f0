/**
 * The order machine, with each transition it takes handed over together with the event that caused it, before any effect
 * of the state that was reached can start. Events are stamped with time and draw on their way in, so that what is
 * journaled is exactly what the machine saw.
 */
import type { ActorLogic, TransitionDefinition } from 'xstate';
import { failureOf } from '../../machines/order/decisions.ts';
import type { OrderMachine } from '../../machines/order/machine.ts';
import type { OrderContext, OrderEvent, Stamp } from '../../machines/order/types.ts';
import type { OrderSnapshot } from '../../machines/registry.ts';
import type { JournaledEvent } from '../journal/entry.ts';

export interface Recorder {
  readonly stamp: () => Stamp;
  readonly record: (event: JournaledEvent, edges: readonly string[], after: OrderSnapshot) => void;
}

export type RecordedLogic = ActorLogic<OrderSnapshot, OrderEvent, undefined>;

export function recordedMachine(machine: OrderMachine, recorder: Recorder): RecordedLogic {
  return {
    config: machine.config,
    getInitialSnapshot: () => {
      throw new Error('An order begins in the store: its actor is always restored');
    },
    getPersistedSnapshot: (snapshot) => machine.getPersistedSnapshot(snapshot),
    restoreSnapshot: (stored, scope) => machine.restoreSnapshot(stored, scope),
    start: (snapshot) => machine.start(snapshot),
    transition: (before, bare, scope) => {
      // XState's own order to stop is no event of the order.
      if ((bare.type as string) === 'xstate.stop') return machine.transition(before, bare, scope);
      const event = stamped(bare, recorder.stamp());
      const edges = machine.getTransitionData(before, event).map(edgeName);
      if (edges.length === 0) return before;
      const after = machine.transition(before, event, scope);
      if (event.type !== 'RESUME') recorder.record(journaled(event), edges, after);
      return after;
    },
  };
}

type Stamped = OrderEvent & Stamp;

/** Thrown values become plain data here: an Error would be stored as `{}`. */
function stamped(event: OrderEvent, stamp: Stamp): Stamped {
  if ('error' in event) {
    const { kind, code, message } = failureOf(event);
    return { ...event, ...stamp, error: { kind, code, message } };
  }
  return { ...event, ...stamp };
}

/** Without the actor id, which the type repeats. */
function journaled(event: Stamped): JournaledEvent {
  const entries = Object.entries(event).filter(([key]) => key !== 'actorId');
  return { ...Object.fromEntries(entries), type: event.type, at: event.at, draw: event.draw };
}

/** Named by position, never by identity: `provide` makes new objects. */
function edgeName(edge: TransitionDefinition<OrderContext, OrderEvent>): string {
  const siblings = edge.source.transitions.get(edge.eventType) ?? [];
  return `${edge.source.id}|${edge.eventType}|${siblings.indexOf(edge)}`;
}
