/**
 * An order in the protocol of Stately's inspector, as `@statelyai/inspect` 0.7 sends it: one actor, then an event and a snapshot for
 * each journal entry. Actors are named by the order's id, so that those of many workers never clash.
 */
import type { StateValue } from 'xstate';
import { isFinal, statusOf } from '../../machines/order/state.ts';
import { replaySteps } from '../../machines/replay.ts';
import type { MachineRegistry, StoredState } from '../../machines/registry.ts';
import type { JournaledEvent, JournalEntry } from '../journal/entry.ts';

interface Base {
  readonly rootId: string;
  readonly sessionId: string;
  /** Unix milliseconds, as a string. */
  readonly createdAt: string;
  readonly id: null;
  readonly _version: string;
}

export interface InspectedSnapshot {
  readonly status: 'active' | 'done';
  readonly value: StateValue;
  readonly context: unknown;
  readonly children: Readonly<Record<string, never>>;
  readonly tags: readonly string[];
  readonly historyValue: Readonly<Record<string, never>>;
}

export type InspectionEvent = Base &
  (
    | {
        readonly type: '@xstate.actor';
        readonly name: string;
        /** JSON of the machine's config. */
        readonly definition: string;
        readonly snapshot: InspectedSnapshot;
      }
    | { readonly type: '@xstate.event'; readonly event: JournaledEvent }
    | {
        readonly type: '@xstate.snapshot';
        readonly event: JournaledEvent;
        readonly snapshot: InspectedSnapshot;
      }
  );

/** The version of the protocol. */
const PROTOCOL = '0.7.2';

/** One transition with what it led to. */
export interface InspectedStep {
  readonly orderId: string;
  readonly event: JournaledEvent;
  readonly after: StoredState;
}

export function actorEvent({ orderId, event, after }: InspectedStep, definition: string): InspectionEvent {
  const snapshot = snapshotOf(after);
  return { type: '@xstate.actor', ...baseOf(orderId, event), name: orderId, definition, snapshot };
}

export function stepEvents({ orderId, event, after }: InspectedStep): readonly InspectionEvent[] {
  const base = baseOf(orderId, event);
  return [
    { type: '@xstate.event', ...base, event },
    { type: '@xstate.snapshot', ...base, event, snapshot: snapshotOf(after) },
  ];
}

/** The definition of each machine version, as JSON. */
export function definitionsOf({ machines }: MachineRegistry): ReadonlyMap<number, string> {
  return new Map([...machines].map(([version, { config }]) => [version, JSON.stringify(config)]));
}

/** @param entries the whole journal. Where its machine is not registered any more, snapshots have no context. */
export function inspectionOf(
  registry: MachineRegistry,
  orderId: string,
  entries: readonly JournalEntry[],
): readonly InspectionEvent[] {
  const definitions = definitionsOf(registry);
  const steps = stepsOf(registry, orderId, entries);
  return steps.flatMap((step, index) => {
    const version = step.after.machineVersion;
    // A migrated order goes on as an actor of another machine.
    const isNew = index === 0 || steps[index - 1]?.after.machineVersion !== version;
    const definition = definitions.get(version) ?? JSON.stringify({ id: `order@${version}` });
    return [...(isNew ? [actorEvent(step, definition)] : []), ...stepEvents(step)];
  });
}

function stepsOf(
  registry: MachineRegistry,
  orderId: string,
  entries: readonly JournalEntry[],
): readonly InspectedStep[] {
  const states = replayed(registry, entries);
  return entries.map((entry, index) => ({
    orderId,
    event: entry.event,
    after: states?.[index] ?? {
      machineVersion: entry.machineVersion,
      value: valueOf(entry.state),
      context: {},
      status: isFinal(statusOf(entry.state)) ? 'done' : 'active',
    },
  }));
}

function replayed(
  registry: MachineRegistry,
  entries: readonly JournalEntry[],
): readonly StoredState[] | null {
  try {
    return replaySteps(registry, entries);
  } catch {
    return null;
  }
}

/** `routing.quoting` as `{routing: 'quoting'}`: the inverse of `statePath`. */
function valueOf(path: string): StateValue {
  const [first = '', ...rest] = path.split('.');
  return rest.length === 0 ? first : { [first]: valueOf(rest.join('.')) };
}

function baseOf(orderId: string, { at }: JournaledEvent): Base {
  return { rootId: orderId, sessionId: orderId, createdAt: String(at), id: null, _version: PROTOCOL };
}

function snapshotOf({ status, value, context }: StoredState): InspectedSnapshot {
  return { status, value, context, children: {}, tags: [], historyValue: {} };
}
