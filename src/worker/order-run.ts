/**
 * One order on one worker: restore → act → commit → announce.
 *
 * The order is a live actor. Each of its transitions is appended to a queue of commits, and an effect begins only after the
 * state that invoked it is stored. A commit that loses its compare-and-set ends the run: the order belongs to another worker,
 * and nothing that this run still does can be stored.
 */
import { createActor, type Actor } from 'xstate';
import { isFinal, statePath, statusOf } from '../../machines/order/state.ts';
import type { Command, Report } from '../../machines/order/types.ts';
import { toStoredState, type ReplayedEntry } from '../../machines/replay.ts';
import type { OrderSnapshot, StoredState } from '../../machines/registry.ts';
import type { PassCrashPoint } from '../crash-points.ts';
import type { InspectedStep } from '../inspection/inspection-events.ts';
import { projectMessage } from '../journal/project-message.ts';
import type { JournaledMessage } from '../protocol/messages.ts';
import type { JournaledEvent } from '../journal/entry.ts';
import type { ClaimedOrder, Commit, Committed } from '../store/ports.ts';
import type { Clock, Random } from '../runtime/time.ts';
import type { OrderMachine } from '../../machines/order/machine.ts';
import type { RunningOrder } from './effects.ts';
import { actorClock } from './actor-clock.ts';
import { recordedLogic, type RecordedLogic } from './recorded-logic.ts';

export type RunEnd =
  /** The order has ended. */
  | { readonly kind: 'ended' }
  /** The order waits for `forMs` without a worker. */
  | { readonly kind: 'parked'; readonly version: number; readonly forMs: number }
  /** Another worker has the order. */
  | { readonly kind: 'lost' }
  /** This worker stops. The order can be released at `version`. */
  | { readonly kind: 'stopped'; readonly version: number }
  /** The machine threw, or a commit failed permanently: a defect, not a failed effect. */
  | { readonly kind: 'broken'; readonly version: number; readonly thrown: unknown };

export interface OrderRunDeps {
  /** Stores a transition, however long that takes. Null: the worker stops, and no longer waits for the store. */
  readonly commit: (commit: Commit) => Promise<Committed | null>;
  readonly announce: (message: JournaledMessage, owner: string) => void;
  /** Shows a stored transition to an inspector. Does not throw. */
  readonly inspect?: ((step: InspectedStep) => void) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly newCommitId: () => string;
  readonly passCrashPoint: PassCrashPoint;
  /** An order with a longer backoff is parked: it frees its slot. */
  readonly parkAfterMs: number;
}

interface Transition extends ReplayedEntry {
  readonly event: JournaledEvent;
  readonly edges: readonly string[];
  readonly state: string;
  readonly stored: StoredState;
  readonly snapshot: OrderSnapshot;
  readonly inboxDone: number;
  readonly parkForMs: number | null;
}

export class OrderRun implements RunningOrder {
  readonly orderId: string;
  readonly ended: Promise<RunEnd>;
  readonly #owner: string;
  readonly #deps: OrderRunDeps;
  readonly #machineVersion: number;
  readonly #actor: Actor<RecordedLogic>;
  #end: (end: RunEnd) => void = () => undefined;
  #hasEnded = false;
  #commits: Promise<void> = Promise.resolve();
  #version: number;
  #seq: number;
  #lastAt: number;
  /** The number of the inbox's commands that the actor has taken. */
  #inboxDone: number;
  /** A release has held the order, and no commit has said yet that this one runs it. */
  #wasHeld: boolean;

  /** Restores the order. Nothing runs before `start`. */
  constructor(
    order: ClaimedOrder,
    opened: {
      readonly machineVersion: number;
      readonly machine: OrderMachine;
      readonly snapshot: OrderSnapshot;
    },
    deps: OrderRunDeps,
  ) {
    this.orderId = order.orderId;
    this.#owner = order.owner;
    this.#deps = deps;
    this.#machineVersion = opened.machineVersion;
    this.#version = order.version;
    this.#seq = order.lastSeq;
    this.#lastAt = order.updatedAt;
    this.#inboxDone = order.inboxLength - order.commands.length;
    this.#wasHeld = order.wasHeld;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const logic = recordedLogic(opened.machine, {
      stamp: () => ({ at: this.#now(), draw: deps.random() }),
      record: (event, edges, after) => this.#record(event, edges, after),
    });
    this.#actor = createActor(logic, { snapshot: opened.snapshot, clock: actorClock });
    this.#actor.subscribe({ error: (thrown) => this.#fail(thrown) });
  }

  get system(): Actor<RecordedLogic>['system'] {
    return this.#actor.system;
  }

  /**
   * Sends the commands of the inbox before RESUME, so that a cancelled order starts no effect. A command that moved the order has
   * begun the effect of the new state: RESUME would begin it again.
   */
  start({ commands, inboxLength }: Pick<ClaimedOrder, 'commands' | 'inboxLength'>): void {
    this.#actor.start();
    const restored = this.#actor.getSnapshot();
    this.takeCommands(commands, inboxLength);
    if (this.#actor.getSnapshot() !== restored) return;
    this.#actor.send({ type: statePath(restored.value) === 'pending' ? 'START' : 'RESUME' });
  }

  /** Sends the commands that the actor has not taken yet. `commands` are the last ones of the `inboxLength` in the inbox. */
  takeCommands(commands: readonly Command[], inboxLength: number): void {
    const unseen = commands.slice(Math.max(0, this.#inboxDone - (inboxLength - commands.length)));
    for (const command of unseen) {
      this.#inboxDone += 1;
      this.#actor.send(command);
    }
  }

  async durable(): Promise<void> {
    await this.#commits;
    if (this.#hasEnded) throw new Error(`order ${this.orderId} no longer runs on this worker`);
  }

  async report(report: Report): Promise<void> {
    this.#actor.send(report);
    await this.durable();
  }

  /** Aborts the effects, waits for the commits in progress, and ends the run. */
  async stop(): Promise<void> {
    this.#actor.stop();
    await this.#commits;
    this.#finish({ kind: 'stopped', version: this.#version });
  }

  /** Never earlier than the order's last entry, even if the clocks of its workers differ. */
  #now(): number {
    this.#lastAt = Math.max(this.#lastAt, this.#deps.clock.now());
    return this.#lastAt;
  }

  #record(event: JournaledEvent, edges: readonly string[], snapshot: OrderSnapshot): void {
    const state = statePath(snapshot.value);
    const { retryAt } = snapshot.context;
    const waitMs = state.endsWith('.backoff') && retryAt !== null ? retryAt - event.at : 0;
    const parkForMs = waitMs > this.#deps.parkAfterMs ? waitMs : null;
    const transition: Transition = {
      machineVersion: this.#machineVersion,
      event,
      edges,
      state,
      snapshot,
      stored: toStoredState(this.#machineVersion, snapshot),
      inboxDone: this.#inboxDone,
      parkForMs,
    };
    this.#commits = this.#commits
      .then(() => this.#save(transition))
      .catch((thrown: unknown) => {
        this.#actor.stop();
        this.#finish({ kind: 'broken', version: this.#version, thrown });
      });
    // A parked order takes no more events here. Its next worker takes them.
    if (parkForMs !== null) queueMicrotask(() => this.#actor.stop());
  }

  async #save(transition: Transition): Promise<void> {
    if (this.#hasEnded) return;
    this.#deps.passCrashPoint('worker.committing');
    const commit = this.#commitOf(transition, []);
    const message = await this.#store(transition, commit);
    if (message === null) return;
    this.#version += 1;
    this.#seq += 1;
    this.#wasHeld = false;
    this.#deps.passCrashPoint('worker.committed');
    this.#deps.announce(message, this.#owner);
    this.#deps.inspect?.({ orderId: this.orderId, event: transition.event, after: transition.stored });
    this.#deps.passCrashPoint('worker.announced');
    if (transition.stored.status === 'done') this.#finish({ kind: 'ended' });
    else if (transition.parkForMs !== null) {
      this.#deps.passCrashPoint('worker.parked');
      this.#finish({ kind: 'parked', version: this.#version, forMs: transition.parkForMs });
    }
  }

  /** @returns the message of the stored transition; null when the run has ended instead */
  async #store(transition: Transition, commit: Commit): Promise<JournaledMessage | null> {
    const committed = await this.#deps.commit(commit);
    if (committed?.outcome === 'committed') return commit.entry.message;
    if (committed?.outcome === 'commands_waiting') {
      // Commands that arrived while the order ended are recorded as refused in its last entry.
      const { commands, inboxLength } = committed;
      const late = commands.slice(transition.inboxDone - (inboxLength - commands.length));
      if (late.length <= commit.inboxDone - transition.inboxDone) {
        throw new Error(
          `order ${this.orderId}: the store refuses its final commit for ${inboxLength} commands, of which it returns no new one`,
        );
      }
      return this.#store(transition, this.#commitOf(transition, late));
    }
    this.#actor.stop();
    this.#finish(committed === null ? { kind: 'stopped', version: this.#version } : { kind: 'lost' });
    return null;
  }

  #commitOf(transition: Transition, refusedCommands: readonly Command[]): Commit {
    const { machineVersion, event, edges, state, stored, snapshot, inboxDone, parkForMs } = transition;
    const status = statusOf(state);
    const seq = this.#seq + 1;
    const refused = refusedCommands.map(({ commandId }) => commandId);
    return {
      orderId: this.orderId,
      expectedVersion: this.#version,
      commitId: this.#deps.newCommitId(),
      status,
      state: stored,
      entry: {
        seq,
        at: event.at,
        machineVersion,
        event,
        edges,
        state,
        message: projectMessage({ seq, at: event.at, state, context: snapshot.context, refused }),
        ...(refused.length > 0 ? { refused } : {}),
      },
      inboxDone: inboxDone + refused.length,
      ...(isFinal(status) ? { inboxSeen: inboxDone + refused.length } : {}),
      ...(parkForMs === null ? {} : { parkForMs }),
      ...(this.#wasHeld ? { endsHold: true } : {}),
    };
  }

  #fail(thrown: unknown): void {
    void this.#commits.then(() => this.#finish({ kind: 'broken', version: this.#version, thrown }));
  }

  #finish(end: RunEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#end(end);
  }
}
