/**
 * A worker process: takes orders that want one, runs as many at a time as it has slots, says twice a second that it
 * lives, and hands everything back when it stops.
 *
 * It owns an order exactly as long as its commits win. What it believes beyond that is compared with the store once a
 * second: orders that name it without running here are taken up, commands that no hint told of are taken in.
 */
import type { Logger } from 'pino';
import type { AnyActorRef } from 'xstate';
import { openOrder, type MachineRegistry } from '../../machines/registry.ts';
import type { OrderMachine } from '../../machines/order/machine.ts';
import type { PassCrashPoint } from '../crash-points.ts';
import type { JournaledMessage } from '../protocol/messages.ts';
import type { WakeQueue } from '../queue/port.ts';
import type { ClaimedOrder, Store } from '../store/ports.ts';
import { every, sleep, type Clock, type Random } from '../runtime/time.ts';
import { commitUntilKnown } from './commit-until-known.ts';
import { provideEffects, type EffectDeps, type RunningOrder } from './effects.ts';
import { OrderRun, type OrderRunDeps, type RunEnd } from './order-run.ts';
import { Semaphore } from '../runtime/semaphore.ts';

export interface WorkerSettings {
  /** Orders that run at a time. An order that backs off for longer than `parkAfterMs` does not count. */
  readonly concurrency: number;
  readonly heartbeatMs: number;
  /** Silence after which others take this worker's orders. Several heartbeats. */
  readonly deadAfterMs: number;
  /** How often what the store says is compared with what runs here. */
  readonly compareMs: number;
  readonly parkAfterMs: number;
  /** How long stopping may wait for commits that the store does not answer. */
  readonly stopWithinMs: number;
}

export interface WorkerDeps extends Pick<EffectDeps, 'venues' | 'submitter'> {
  /** New at each start. */
  readonly workerId: string;
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly registry: MachineRegistry;
  readonly announce: (message: JournaledMessage) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly newCommitId: () => string;
  readonly passCrashPoint: PassCrashPoint;
  readonly log: Logger;
}

/** Wake-ups that are looked at side by side: each waits for one claim. */
const WAKE_UPS_AT_A_TIME = 32;

/** A wake-up that comes this much before its time is taken: the order waits out the rest on its slot. */
const EARLY_MS = 100;

export class Worker {
  readonly #deps: WorkerDeps;
  readonly #settings: WorkerSettings;
  readonly #capacity: Semaphore;
  readonly #runs = new Map<string, OrderRun>();
  readonly #claiming = new Set<string>();
  readonly #runsBySystem = new WeakMap<AnyActorRef['system'], RunningOrder>();
  readonly #machines: ReadonlyMap<number, OrderMachine>;
  readonly #settling = new Set<Promise<void>>();
  readonly #giveUp = new AbortController();
  readonly #stops: (() => Promise<void>)[] = [];
  #stopping = false;

  constructor(deps: WorkerDeps, settings: WorkerSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#capacity = new Semaphore(settings.concurrency);
    const effects: EffectDeps = {
      venues: deps.venues,
      submitter: deps.submitter,
      passCrashPoint: deps.passCrashPoint,
      onDefect: (where, thrown) => deps.log.error({ err: thrown, where }, 'defect'),
      runOf: (system) => this.#runOf(system),
    };
    this.#machines = new Map(
      [...deps.registry.machines].map(([version, machine]) => [version, provideEffects(machine, effects)]),
    );
  }

  get running(): number {
    return this.#runs.size;
  }

  get freeCapacity(): number {
    return this.#stopping ? 0 : this.#capacity.available;
  }

  async start(): Promise<void> {
    const { store, queue, workerId } = this.#deps;
    await store.work.beat(workerId);
    this.#repeat(this.#settings.heartbeatMs, 'heartbeat', () => store.work.beat(workerId));
    this.#repeat(this.#settings.compareMs, 'compare', () => this.#compare());
    queue.consume(WAKE_UPS_AT_A_TIME, (orderId) => this.wake(orderId));
  }

  /** Takes the order if it wants a worker; waits for a free slot first. Returns once it runs. */
  async wake(orderId: string): Promise<void> {
    this.#deps.passCrashPoint('worker.woken');
    if (this.#isHere(orderId)) return;
    await this.#capacity.acquire();
    await this.#claim(orderId);
  }

  /** The same, but leaves the order alone when no slot is free. */
  async wakeIfFree(orderId: string): Promise<void> {
    if (!this.#isHere(orderId) && this.#capacity.tryAcquire()) await this.#claim(orderId);
  }

  /** A hint that the order's inbox has something. */
  async lookAtInbox(orderId: string): Promise<void> {
    if (this.#runs.has(orderId)) await this.#takeCommands();
  }

  /** Takes no more orders, hands back those that run, and resolves when the store knows it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const deadline = setTimeout(() => this.#giveUp.abort(), this.#settings.stopWithinMs);
    await Promise.all(this.#stops.map((stop) => stop()));
    await Promise.all([...this.#runs.values()].map((run) => run.stop()));
    while (this.#claiming.size > 0 && !this.#giveUp.signal.aborted) await sleep(5);
    await Promise.all(this.#settling);
    clearTimeout(deadline);
    await this.#deps.store.work
      .retire(this.#deps.workerId)
      .catch((thrown: unknown) => this.#warn('retire', thrown));
  }

  #isHere(orderId: string): boolean {
    return this.#stopping || this.#runs.has(orderId) || this.#claiming.has(orderId);
  }

  /** With a slot taken, which it gives back unless a run keeps it. */
  async #claim(orderId: string): Promise<void> {
    if (this.#isHere(orderId)) {
      this.#capacity.release();
      return;
    }
    this.#claiming.add(orderId);
    try {
      const order = await this.#deps.store.work.claim(orderId, this.#deps.workerId, {
        machineVersion: this.#deps.registry.current,
        deadAfterMs: this.#settings.deadAfterMs,
        earlyMs: EARLY_MS,
      });
      this.#deps.passCrashPoint('worker.claimed');
      const run = order === null ? null : await this.#restore(order);
      if (order === null || run === null) {
        this.#capacity.release();
        return;
      }
      this.#runs.set(orderId, run);
      const settled: Promise<void> = this.#follow(run).finally(() => this.#settling.delete(settled));
      this.#settling.add(settled);
      run.start(order);
      if (this.#stopping) await run.stop();
    } catch (thrown) {
      this.#capacity.release();
      this.#warn('claim', thrown, orderId);
    } finally {
      this.#claiming.delete(orderId);
    }
  }

  /** Null: the order is held, because no machine of this release can read it. */
  async #restore(order: ClaimedOrder): Promise<OrderRun | null> {
    const { registry, log } = this.#deps;
    const opened = openOrder({ ...registry, machines: this.#machines }, order.state);
    if (opened.kind !== 'open') {
      const message = opened.kind === 'newer' ? 'Its machine is newer than this release' : opened.message;
      await this.#hold(order.orderId, order.version, { code: 'unreadable_order', message });
      log.error(
        { orderId: order.orderId, machineVersion: order.state.machineVersion },
        `order held: ${message}`,
      );
      return null;
    }
    const run = new OrderRun(order, opened, this.#runDeps());
    this.#runsBySystem.set(run.system, run);
    return run;
  }

  #runDeps(): OrderRunDeps {
    const { store, announce, clock, random, newCommitId, passCrashPoint } = this.#deps;
    return {
      commit: (commit) => commitUntilKnown(store.orders, commit, { random, signal: this.#giveUp.signal }),
      announce,
      clock,
      random,
      newCommitId,
      passCrashPoint,
      parkAfterMs: this.#settings.parkAfterMs,
    };
  }

  async #follow(run: OrderRun): Promise<void> {
    const end = await run.ended;
    this.#runs.delete(run.orderId);
    this.#capacity.release();
    await this.#after(run.orderId, end).catch((thrown: unknown) => this.#warn(end.kind, thrown, run.orderId));
  }

  async #after(orderId: string, end: RunEnd): Promise<void> {
    const { store, queue, log } = this.#deps;
    switch (end.kind) {
      case 'ended':
        return;
      case 'parked':
        return queue.wakeLater({ orderId, version: end.version }, end.forMs);
      case 'lost':
        log.info({ orderId }, 'order runs elsewhere now');
        return;
      case 'stopped':
        if (await store.work.release(orderId, end.version, 0)) {
          await queue.wake([{ orderId, version: end.version + 1 }]);
        }
        return;
      case 'broken': {
        log.error({ orderId, err: end.thrown }, 'order held: its machine broke');
        const message = end.thrown instanceof Error ? end.thrown.message : String(end.thrown);
        await this.#hold(orderId, end.version, { code: 'machine_broken', message });
      }
    }
  }

  async #hold(orderId: string, version: number, hold: { code: string; message: string }): Promise<void> {
    await this.#deps.store.work.hold(orderId, version, hold);
  }

  async #compare(): Promise<void> {
    const runs = [...this.#runs.values()];
    const named = new Set(await this.#deps.store.work.runBy(this.#deps.workerId));
    await Promise.all(runs.filter(({ orderId }) => !named.has(orderId)).map((run) => run.stop()));
    for (const orderId of named) await this.wakeIfFree(orderId);
    await this.#takeCommands();
  }

  async #takeCommands(): Promise<void> {
    if (this.#runs.size === 0) return;
    for (const { orderId, commands, inboxLength } of await this.#deps.store.inbox.waiting(
      this.#deps.workerId,
    )) {
      this.#runs.get(orderId)?.takeCommands(commands, inboxLength);
    }
  }

  #repeat(intervalMs: number, what: string, act: () => Promise<void>): void {
    this.#stops.push(every(intervalMs, act, (thrown) => this.#warn(what, thrown)));
  }

  #runOf(system: AnyActorRef['system']): RunningOrder {
    const run = this.#runsBySystem.get(system);
    if (run === undefined) throw new Error('An effect runs for no order of this worker');
    return run;
  }

  #warn(what: string, thrown: unknown, orderId?: string): void {
    this.#deps.log.warn({ err: thrown, orderId }, `${what} failed; the store is compared again in a second`);
  }
}
