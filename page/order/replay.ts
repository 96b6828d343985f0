/**
 * The context and the timers of an order after each entry of its journal: its events, applied again to the machine that took them.
 * XState and the machines are loaded with it, when an order is opened.
 */
import type { AnyStateNode } from 'xstate';
import { openOrder, machineRegistry, type OrderSnapshot, type StoredState } from '../../machines/registry.ts';
import { replaySteps } from '../../machines/replay.ts';
import type { TransitionView } from '../../src/protocol/views.ts';
import type { Timer } from '../chart/marks.ts';

export interface ReplayedStep {
  readonly context: unknown;
  readonly timers: readonly Timer[];
}

/** @throws Error when a machine version is not known to this page, or the journal does not replay */
export function replayJournal(entries: readonly TransitionView[]): readonly ReplayedStep[] {
  const steps: ReplayedStep[] = [];
  let before: { readonly path: readonly AnyStateNode[]; readonly timers: readonly Timer[] } = {
    path: [],
    timers: [],
  };
  replaySteps(machineRegistry, entries).forEach((state, index) => {
    const entry = entries[index];
    if (entry === undefined) return;
    const opened = openState(state);
    const path = opened === null ? [] : activeNodes(opened.snapshot);
    const stays = entry.edges.every((edge) => isInternal(edge, opened));
    const timers = path.flatMap((node) => {
      const runs = before.path.some(({ id }) => id === node.id) && (stays || node.type !== 'atomic');
      if (runs) return before.timers.filter(({ source }) => source === node.id);
      return opened === null ? [] : timersOf(node, opened.snapshot, entry);
    });
    before = { path, timers };
    steps.push({ context: state.context, timers });
  });
  return steps;
}

function openState(state: StoredState): { readonly snapshot: OrderSnapshot } | null {
  const opened = openOrder(machineRegistry, state);
  return opened.kind === 'open' ? opened : null;
}

function activeNodes(snapshot: OrderSnapshot): readonly AnyStateNode[] {
  return (snapshot._nodes as readonly AnyStateNode[]).filter(({ parent }) => parent !== undefined);
}

/** A transition without a target keeps the timers of its state. */
function isInternal(edge: string, opened: { readonly snapshot: OrderSnapshot } | null): boolean {
  const [source = '', event = '', index = ''] = edge.split('|');
  const node = opened?.snapshot.machine.getStateNodeById(source) as AnyStateNode | undefined;
  return node?.transitions.get(event)?.[Number(index)]?.target === undefined;
}

function timersOf(node: AnyStateNode, snapshot: OrderSnapshot, entry: TransitionView): readonly Timer[] {
  const delays = snapshot.machine.implementations.delays as Readonly<Record<string, unknown>>;
  return node.after.flatMap(({ delay, eventType }) => {
    const wanted: unknown = typeof delay === 'number' ? delay : delays[String(delay)];
    const args = { context: snapshot.context, event: entry.event };
    const ms = typeof wanted === 'function' ? (wanted as (args: object) => unknown)(args) : wanted;
    if (typeof ms !== 'number') return [];
    return [
      { event: String(eventType), source: node.id, startsAt: entry.event.at, endsAt: entry.event.at + ms },
    ];
  });
}
