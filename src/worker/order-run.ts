/**
 * One order on one worker: restore → act → commit → announce.
 *
 * The order is a live actor. It runs ahead of the store as far as its effects only read the world: what it takes while a commit is
 * written goes together in the next one. Effects that change the world, and announcements, wait for the store. A commit that loses
 * its compare-and-set ends the run: the order belongs to another worker, and nothing that this run still does can be stored.
 */
import { createActor, type Actor } from 'xstate';
import { statePath } from '../../machines/order/state.ts';
import type { Command, Report } from '../../machines/order/types.ts';
import type { OrderSnapshot } from '../../machines/registry.ts';
import { toStoredState } from '../../machines/replay.ts';
import type { PassCrashPoint } from '../crash-points.ts';
import type { InspectedStep } from '../inspection/inspection-events.ts';
import type { JournaledMessage } from '../protocol/messages.ts';
import type { JournaledEvent } from '../journal/entry.ts';
import type { ClaimedOrder, Committed, DeferredCommit } from '../store/ports.ts';
import type { Clock, Random } from '../runtime/time.ts';
import type { OrderMachine } from '../../machines/order/machine.ts';
import type { RunningOrder } from './effects.ts';
import { lastOf, orderWrite, type OrderWrite, type Transition } from './order-write.ts';
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
  /** Stores transitions, however long that takes. Null: the worker stops, and no longer waits for the store. */
  readonly commit: (commit: DeferredCommit) => Promise<Committed | null>;
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

export class OrderRun implements RunningOrder {
  readonly orderId: string;
  readonly ended: Promise<RunEnd>;
  readonly #owner: string;
  readonly #deps: OrderRunDeps;
  readonly #machineVersion: number;
  readonly #actor: Actor<RecordedLogic>;
  #end: (end: RunEnd) => void = () => undefined;
  #hasEnded = false;
  /** Taken, and in no commit yet. */
  readonly #taken: Transition[] = [];
  /** Resolves once all that was taken is stored, or the run has ended. */
  #commits: Promise<void> = Promise.resolve();
  #isCommitting = false;
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
    const { retryAt } = snapshot.context.backoff;
    const waitMs = state.endsWith('.backoff') && retryAt !== null ? retryAt - event.at : 0;
    const parkForMs = waitMs > this.#deps.parkAfterMs ? waitMs : null;
    const transition: Transition = {
      machineVersion: this.#machineVersion,
      event,
      edges,
      state,
      snapshot,
      inboxDone: this.#inboxDone,
      parkForMs,
    };
    this.#taken.push(transition);
    if (!this.#isCommitting) this.#commits = this.#commitAll();
    // A parked order takes no more events here. Its next worker takes them.
    if (parkForMs !== null) queueMicrotask(() => this.#actor.stop());
  }

  /** One commit after the other, for as long as transitions are taken. */
  async #commitAll(): Promise<void> {
    this.#isCommitting = true;
    try {
      while (this.#taken.length > 0 && !this.#hasEnded) await this.#commitTaken();
    } catch (thrown) {
      this.#actor.stop();
      this.#finish({ kind: 'broken', version: this.#version, thrown });
    } finally {
      this.#isCommitting = false;
    }
  }

  async #commitTaken(): Promise<void> {
    this.#deps.passCrashPoint('worker.committing');
    const written = await this.#store(() => this.#write(this.#taken.splice(0), []));
    if (written === null) return;
    const { transitions, commit } = written;
    this.#version += 1;
    this.#seq += transitions.length;
    this.#wasHeld = false;
    this.#deps.passCrashPoint('worker.committed');
    for (const { message } of commit.entries) this.#deps.announce(message, this.#owner);
    for (const { event, snapshot } of transitions) {
      this.#deps.inspect?.({
        orderId: this.orderId,
        event,
        after: toStoredState(this.#machineVersion, snapshot),
      });
    }
    this.#deps.passCrashPoint('worker.announced');
    const { snapshot, parkForMs } = lastOf(transitions);
    if (snapshot.status === 'done') this.#finish({ kind: 'ended' });
    else if (parkForMs !== null) {
      this.#deps.passCrashPoint('worker.parked');
      this.#finish({ kind: 'parked', version: this.#version, forMs: parkForMs });
    }
  }

  /** @returns null when the run has ended instead */
  async #store(make: () => OrderWrite): Promise<OrderWrite | null> {
    let made: OrderWrite | null = null;
    const write = (): OrderWrite => (made ??= make());
    const committed = await this.#deps.commit(() => write().commit);
    if (committed?.outcome === 'committed') return write();
    if (committed?.outcome === 'commands_waiting') {
      // Commands that arrived while the order ended are recorded as refused in its last entry.
      const { commands, inboxLength } = committed;
      const { transitions, commit } = write();
      const { inboxDone } = lastOf(transitions);
      const late = commands.slice(inboxDone - (inboxLength - commands.length));
      if (late.length <= commit.inboxDone - inboxDone) {
        throw new Error(
          `order ${this.orderId}: the store refuses its final commit for ${inboxLength} commands, of which it returns no new one`,
        );
      }
      return this.#store(() => this.#write(transitions, late));
    }
    this.#actor.stop();
    this.#finish(committed === null ? { kind: 'stopped', version: this.#version } : { kind: 'lost' });
    return null;
  }

  #write(transitions: readonly Transition[], late: readonly Command[]): OrderWrite {
    return orderWrite(transitions, {
      orderId: this.orderId,
      version: this.#version,
      lastSeq: this.#seq,
      commitId: this.#deps.newCommitId(),
      wasHeld: this.#wasHeld,
      late,
    });
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
