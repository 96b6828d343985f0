/**
 * A worker process: claims orders that need a worker, runs as many at a time as it has slots, sends heartbeats, and releases
 * its orders when it stops.
 *
 * The worker owns an order as long as its commits win their compare-and-set. Once a second it compares its runs with the store:
 * it claims orders that the store assigns to it and that do not run here, and takes commands whose notification was lost.
 */
import type { Logger } from 'pino';
import type { MachineRegistry } from '../../machines/registry.ts';
import type { PassCrashPoint } from '../crash-points.ts';
import type { JournaledMessage } from '../protocol/messages.ts';
import type { WakeQueue } from '../queue/port.ts';
import type { ClaimedOrder, Store } from '../store/ports.ts';
import { Semaphore } from '../runtime/semaphore.ts';
import { every, sleep, type Clock, type Random } from '../runtime/time.ts';
import { commitWithRetry } from './commit-with-retry.ts';
import type { EffectDeps } from './effects.ts';
import type { OrderRun, OrderRunDeps } from './order-run.ts';
import { RunRestorer } from './restore-run.ts';
import { settleRun } from './settle-run.ts';

export interface WorkerSettings {
  /** Orders that run at a time. An order that backs off for longer than `parkAfterMs` does not use a slot. */
  readonly concurrency: number;
  readonly heartbeatMs: number;
  /** Time without a heartbeat after which other workers take this worker's orders. Several heartbeats. */
  readonly deadAfterMs: number;
  /** How often the worker compares its runs with the store. */
  readonly reconcileMs: number;
  readonly parkAfterMs: number;
  /** How long `stop` may wait for commits that the store does not answer. */
  readonly stopWithinMs: number;
}

export interface WorkerDeps extends Pick<EffectDeps, 'venues' | 'submitter' | 'minNetValue'> {
  /** New at each start. */
  readonly workerId: string;
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly registry: MachineRegistry;
  /** Which release this is: orders that it cannot run are held by it, and left to others. */
  readonly release: string;
  readonly announce: (message: JournaledMessage, owner: string) => void;
  readonly inspect?: OrderRunDeps['inspect'];
  readonly clock: Clock;
  readonly random: Random;
  readonly newCommitId: () => string;
  readonly passCrashPoint: PassCrashPoint;
  readonly log: Logger;
}

/** Wake-ups that are processed at a time. Each waits for one claim. */
const WAKE_UP_CONCURRENCY = 32;

/** A wake-up that arrives at most this early is accepted: the order waits for the rest of its backoff in its slot. */
const EARLY_WAKE_UP_MS = 100;

export class Worker {
  readonly #deps: WorkerDeps;
  readonly #settings: WorkerSettings;
  readonly #slots: Semaphore;
  readonly #restorer: RunRestorer;
  readonly #runs = new Map<string, OrderRun>();
  readonly #claiming = new Set<string>();
  readonly #settling = new Set<Promise<void>>();
  /** Aborts when `stop` no longer waits for the store. */
  readonly #stopTimeout = new AbortController();
  readonly #stopTimers: (() => Promise<void>)[] = [];
  #stopping = false;

  constructor(deps: WorkerDeps, settings: WorkerSettings) {
    const { registry, store, venues, submitter, announce, clock, random, newCommitId, passCrashPoint, log } =
      deps;
    this.#deps = deps;
    this.#settings = settings;
    this.#slots = new Semaphore(settings.concurrency);
    const onDefect = (orderId: string, where: string, thrown: unknown) =>
      log.error({ err: thrown, orderId, where }, 'defect');
    this.#restorer = new RunRestorer(
      registry,
      { venues, submitter, minNetValue: deps.minNetValue, passCrashPoint, onDefect },
      {
        commit: (commit) =>
          commitWithRetry(store.orders, commit, { random, signal: this.#stopTimeout.signal }),
        announce,
        inspect: deps.inspect,
        clock,
        random,
        newCommitId,
        passCrashPoint,
        parkAfterMs: settings.parkAfterMs,
      },
    );
  }

  get running(): number {
    return this.#runs.size;
  }

  get freeSlots(): number {
    return this.#stopping ? 0 : this.#slots.available;
  }

  async start(): Promise<void> {
    const { store, queue, workerId } = this.#deps;
    await store.work.beat(workerId);
    this.#repeat(this.#settings.heartbeatMs, 'heartbeat', () => store.work.beat(workerId));
    this.#repeat(this.#settings.reconcileMs, 'reconciliation', () => this.#reconcile());
    queue.consume(WAKE_UP_CONCURRENCY, (orderId) => this.wake(orderId));
  }

  /** Waits for a free slot, then claims the order if it needs a worker. Resolves once the order runs. */
  async wake(orderId: string): Promise<void> {
    this.#deps.passCrashPoint('worker.woken');
    if (this.#skips(orderId)) return;
    await this.#slots.acquire();
    await this.#claim(orderId);
  }

  /** Like `wake`, but does nothing when no slot is free. */
  async claimIfFree(orderId: string): Promise<void> {
    if (!this.#skips(orderId) && this.#slots.tryAcquire()) await this.#claim(orderId);
  }

  /** Takes the commands in the order's inbox, if the order runs here. */
  async readInbox(orderId: string): Promise<void> {
    if (this.#runs.has(orderId)) await this.#takeCommands();
  }

  /** Claims no more orders, releases those that run, and resolves when the store has them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const timeout = setTimeout(() => this.#stopTimeout.abort(), this.#settings.stopWithinMs);
    await Promise.all(this.#stopTimers.map((stopTimer) => stopTimer()));
    await Promise.all([...this.#runs.values()].map((run) => run.stop()));
    while (this.#claiming.size > 0 && !this.#stopTimeout.signal.aborted) await sleep(5);
    await Promise.all(this.#settling);
    clearTimeout(timeout);
    await this.#deps.store.work
      .retire(this.#deps.workerId)
      .catch((thrown: unknown) => this.#warn('retiring the worker', thrown));
  }

  /** Whether a wake-up is ignored: the order is here already, or the worker stops. */
  #skips(orderId: string): boolean {
    return this.#stopping || this.#runs.has(orderId) || this.#claiming.has(orderId);
  }

  /** The caller has acquired a slot. It is released here unless a run keeps it. */
  async #claim(orderId: string): Promise<void> {
    if (this.#skips(orderId)) {
      this.#slots.release();
      return;
    }
    this.#claiming.add(orderId);
    try {
      const order = await this.#deps.store.work.claim(orderId, this.#deps.workerId, {
        machineVersion: this.#deps.registry.current,
        release: this.#deps.release,
        deadAfterMs: this.#settings.deadAfterMs,
        earlyMs: EARLY_WAKE_UP_MS,
      });
      this.#deps.passCrashPoint('worker.claimed');
      const run = order === null ? null : await this.#restore(order);
      if (order === null || run === null) {
        this.#slots.release();
        return;
      }
      this.#runs.set(orderId, run);
      const settled: Promise<void> = this.#settle(run).finally(() => this.#settling.delete(settled));
      this.#settling.add(settled);
      if (this.#stopping) await run.stop();
      else run.start(order);
    } catch (thrown) {
      this.#slots.release();
      this.#warn('claim', thrown, orderId);
    } finally {
      this.#claiming.delete(orderId);
    }
  }

  /** Null: this release holds the order, because no machine of it can read it. */
  async #restore(order: ClaimedOrder): Promise<OrderRun | null> {
    const restored = this.#restorer.restore(order);
    if (restored.kind === 'run') return restored.run;
    const { orderId, version, state } = order;
    const { message } = restored;
    const { store, release, log } = this.#deps;
    await store.work.hold(orderId, version, { code: 'unreadable_order', message }, release);
    log.error({ orderId, machineVersion: state.machineVersion }, `order held: ${message}`);
    return null;
  }

  /** Waits for the end of the run, then releases its slot and the order. */
  async #settle(run: OrderRun): Promise<void> {
    const { orderId } = run;
    const { store, queue, release, log } = this.#deps;
    const end = await run.ended;
    this.#runs.delete(orderId);
    this.#slots.release();
    await settleRun({ work: store.work, queue, release, log }, orderId, end).catch((thrown: unknown) =>
      this.#warn(`settling an order that is ${end.kind}`, thrown, orderId),
    );
  }

  async #reconcile(): Promise<void> {
    const runs = [...this.#runs.values()];
    const assigned = new Set(await this.#deps.store.work.runBy(this.#deps.workerId));
    await Promise.all(runs.filter(({ orderId }) => !assigned.has(orderId)).map((run) => run.stop()));
    for (const orderId of assigned) await this.claimIfFree(orderId);
    await this.#takeCommands();
  }

  async #takeCommands(): Promise<void> {
    if (this.#runs.size === 0) return;
    const waiting = await this.#deps.store.inbox.waiting(this.#deps.workerId);
    for (const { orderId, commands, inboxLength } of waiting) {
      this.#runs.get(orderId)?.takeCommands(commands, inboxLength);
    }
  }

  #repeat(intervalMs: number, what: string, act: () => Promise<void>): void {
    this.#stopTimers.push(every(intervalMs, act, (thrown) => this.#warn(what, thrown)));
  }

  #warn(what: string, thrown: unknown, orderId?: string): void {
    this.#deps.log.warn(
      { err: thrown, orderId },
      `${what} failed; the worker reconciles with the store every ${this.#settings.reconcileMs} ms`,
    );
  }
}
