/**
 * Wraps the order machine as actor logic that records each transition with its event, before an effect of the new state can
 * start. It adds time and draw to each event first, so that the journal has exactly the events that the machine took.
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

export function recordedLogic(machine: OrderMachine, recorder: Recorder): RecordedLogic {
  return {
    config: machine.config,
    getInitialSnapshot: () => {
      throw new Error('An actor of an order is always restored from its stored state');
    },
    getPersistedSnapshot: (snapshot) => machine.getPersistedSnapshot(snapshot),
    restoreSnapshot: (stored, scope) => machine.restoreSnapshot(stored, scope),
    start: (snapshot) => machine.start(snapshot),
    transition: (before, bare, scope) => {
      // XState sends this event to stop the actor. It is not an event of the order.
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

/** Turns a thrown value into plain data, because an Error would be stored as `{}`. */
function stamped(event: OrderEvent, stamp: Stamp): Stamped {
  if ('error' in event) {
    const { kind, code, message } = failureOf(event);
    return Object.assign({}, event, stamp, { error: { kind, code, message } });
  }
  return Object.assign({}, event, stamp);
}

/** Omits the actor id, which is part of the type. */
function journaled(event: Stamped): JournaledEvent {
  const { type, at, draw } = event;
  const payload: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(event)) if (field !== 'actorId') payload[field] = value;
  return Object.assign(payload, { type, at, draw });
}

/** Identifies a transition by its position, because `provide` makes new objects. */
function edgeName(edge: TransitionDefinition<OrderContext, OrderEvent>): string {
  const siblings = edge.source.transitions.get(edge.eventType) ?? [];
  return `${edge.source.id}|${edge.eventType}|${siblings.indexOf(edge)}`;
}
