/** Workers on a real store and a simulated chain. Tests can delay a commit, or make the store unavailable. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino, type Logger } from 'pino';
import { DEFAULT_RETRY_POLICY } from '../../machines/order/retry-policy.ts';
import { machineRegistry, type MachineRegistry, type StoredState } from '../../machines/registry.ts';
import type { EffectName, RetryPolicy } from '../../machines/order/types.ts';
import { openSimulatedSubmitter, type SimulatedSubmitter } from '../../src/chain/simulated/submitter.ts';
import type { Submitter } from '../../src/chain/port.ts';
import { passNothing, type PassCrashPoint } from '../../src/crash-points.ts';
import { sweep } from '../../src/orders/sweep.ts';
import { orderAccess } from '../../src/edge/order-access.ts';
import { cancelOrder } from '../../src/orders/commands/cancel-order.ts';
import { newOrder } from '../../src/orders/submission/new-order.ts';
import type { CommandDeps } from '../../src/orders/commands/push-command.ts';
import { retryOrder } from '../../src/orders/commands/retry-order.ts';
import { orderIdOf } from '../../src/orders/submission/order-id.ts';
import type { JournalEntry } from '../../src/journal/entry.ts';
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import { submissionSchema } from '../../src/protocol/requests.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { made } from '../../src/store/judge-commit.ts';
import { StoreUnavailable, type Store } from '../../src/store/ports.ts';
import type { WakeQueue, WakeUp } from '../../src/queue/port.ts';
import { every, systemClock, type Clock } from '../../src/runtime/time.ts';
import type { Venue } from '../../src/venues/port.ts';
import { simulatedVenue, type SimulatedVenueSettings } from '../../src/venues/simulated/simulated-venue.ts';
import { Worker, type WorkerSettings } from '../../src/worker/worker.ts';
import { eventually } from '../support/eventually.ts';
import { Closing } from '../support/closing.ts';
import { InProcessQueue } from '../support/in-process-queue.ts';
import { soon } from '../support/soon.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

export const anotherOrder = { sellAmount: '2000000000000000000' };

interface WorkerOptions extends Partial<WorkerSettings> {
  readonly venues?: readonly Venue[];
  readonly registry?: MachineRegistry;
  readonly store?: Store;
  readonly submitter?: Submitter;
  readonly queue?: WakeQueue;
  readonly clock?: Clock;
  readonly passCrashPoint?: PassCrashPoint;
  readonly release?: string;
  readonly log?: Logger;
  /** False: it finds orders by wake-ups, and by comparing, alone. */
  readonly sweeps?: boolean;
}

type PolicyOptions = Omit<Partial<RetryPolicy>, 'timeoutMs'> & {
  readonly timeoutMs?: Partial<Record<EffectName, number>>;
};

const silent = pino({ level: 'silent' });

export class Workbench {
  readonly plainStore: Store;
  readonly announced: JournaledMessage[] = [];
  /** `plainStore`, unless a test wraps it. */
  store: Store;
  readonly submitter: SimulatedSubmitter;
  readonly #dir: TempDir;
  readonly #queue = new InProcessQueue();
  readonly #closing = new Closing();

  private constructor(dir: TempDir, store: Store) {
    this.#dir = dir;
    this.plainStore = store;
    this.store = store;
    this.submitter = openSimulatedSubmitter({
      file: join(dir.path, 'chain.sqlite'),
      clock: systemClock,
      random: Math.random,
      passCrashPoint: passNothing,
      classifyRevert: (_, { reason }) => ({ kind: 'reroute', code: 'reverted', message: reason }),
      settings: { blockTimeMs: 0, confirmations: 1, seed: 'test', failures: {} },
    });
    this.#closing.add("the test's folder", () => dir.remove());
    this.#closing.add('the store', () => store.close());
    this.#closing.add('the submitter', () => this.submitter.close());
    this.#closing.add('the queue', () => this.#queue.close());
  }

  static async open(): Promise<Workbench> {
    const dir = tempDir();
    return new Workbench(dir, await openSqliteStore({ file: join(dir.path, 'orders.sqlite') }));
  }

  async close(): Promise<void> {
    await this.#closing.closeAll();
  }

  /** Starts a worker with its sweeper. `close` stops both. */
  async worker({
    venues,
    registry = machineRegistry,
    store = this.store,
    submitter = this.submitter,
    queue = this.#queue,
    clock = systemClock,
    passCrashPoint = passNothing,
    sweeps = true,
    release = 'this one',
    log = silent,
    ...settings
  }: WorkerOptions = {}): Promise<Worker> {
    const worker = new Worker(
      {
        workerId: randomUUID(),
        store,
        queue,
        registry,
        release,
        venues: venues ?? [this.venue()],
        submitter,
        announce: (message) => this.announced.push(message),
        clock,
        random: Math.random,
        newCommitId: randomUUID,
        passCrashPoint,
        log,
      },
      {
        concurrency: 16,
        heartbeatMs: 50,
        deadAfterMs: 300,
        reconcileMs: 50,
        parkAfterMs: 250,
        stopWithinMs: 2_000,
        ...settings,
      },
    );
    this.#closing.add('a worker', () => worker.stop());
    await worker.start();
    if (!sweeps) return worker;
    const sweeping = {
      work: store.work,
      queue,
      worker,
      machineVersion: registry.current,
      release,
      deadAfterMs: 300,
      log,
    };
    const stopSweeping = every(
      50,
      () => sweep(sweeping),
      () => undefined,
    );
    this.#closing.add('a sweeper', stopSweeping);
    return worker;
  }

  venue(settings: Partial<SimulatedVenueSettings> = {}): Venue {
    return simulatedVenue({
      name: 'alpha',
      seed: 'test',
      feeBps: 30,
      latencyMs: { from: 0, to: 0 },
      failures: {},
      ...settings,
    });
  }

  neverAsked(): Venue {
    const refuse = () => Promise.reject(new Error('the test expects no call of this venue'));
    return { ...this.venue(), quote: refuse, build: refuse };
  }

  async submit(body: object = {}, policy: PolicyOptions = {}): Promise<string> {
    const submission = submissionSchema.parse({
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: '1000000000000000000',
      ...body,
    });
    const orderId = orderIdOf('local', randomUUID());
    const at = Date.now();
    await this.plainStore.orders.create(
      newOrder(machineRegistry, {
        orderId,
        owner: 'local',
        requestHash: '',
        submission,
        validTo: Math.floor(at / 1000) + 600,
        policy: {
          ...DEFAULT_RETRY_POLICY,
          backoffBaseMs: 10,
          ...policy,
          timeoutMs: { ...DEFAULT_RETRY_POLICY.timeoutMs, ...policy.timeoutMs },
        },
        at,
      }),
    );
    await this.#queue.wake([{ orderId, version: 1 }]);
    return orderId;
  }

  /** Does not notify the worker. */
  async cancel(orderId: string): Promise<void> {
    await cancelOrder(this.#commandDeps())('local', orderId);
  }

  /** Does not notify the worker. */
  async retry(orderId: string): Promise<void> {
    await retryOrder(this.#commandDeps())('local', orderId);
  }

  #commandDeps(): CommandDeps {
    return {
      load: orderAccess(this.plainStore.orders).load,
      inbox: this.plainStore.inbox,
      queue: this.#queue,
      notifyCommand: () => undefined,
      log: silent,
    };
  }

  /** As another worker does when the order's worker wrote no heartbeat for too long. */
  async takeOver(orderId: string): Promise<void> {
    const rules = {
      machineVersion: machineRegistry.current,
      release: 'this one',
      deadAfterMs: -60_000,
      earlyMs: 0,
    };
    const claimed = await this.plainStore.work.claim(orderId, 'another worker', rules);
    if (claimed === null) throw new Error(`order ${orderId} was not taken over`);
  }

  journal(orderId: string): Promise<readonly JournalEntry[]> {
    return this.plainStore.journal.read(orderId, 0, 1_000);
  }

  /** Waits until the order has this status, and returns its journal. */
  async journalOf(orderId: string, status: string): Promise<readonly JournalEntry[]> {
    await eventually(
      () => this.plainStore.orders.load(orderId),
      (order) => order?.status === status,
    );
    return this.journal(orderId);
  }

  async executionsOf(orderId: string): Promise<number> {
    const executions = await this.submitter.executions();
    return executions.find((executed) => executed.orderId === orderId)?.count ?? 0;
  }

  until<Value>(
    read: () => Value | Promise<Value>,
    holds: (value: Value) => boolean = (value) => value === true,
  ): Promise<Value> {
    return eventually(read, holds);
  }

  /** The next commit that reaches this state waits until it is let go, at the latest by the end of the test. */
  holdBefore(state: string): { readonly reached: Promise<void>; goOn(): void } {
    const { orders } = this.plainStore;
    const held = this.hold(`the commit of ${state}`);
    let isFirst = true;
    this.store = {
      ...this.plainStore,
      orders: {
        ...orders,
        commit: async (deferred) => {
          const commit = made(deferred);
          if (commit.entries.some((entry) => entry.state === state) && isFirst) {
            isFirst = false;
            await held.pass();
          }
          return orders.commit(commit);
        },
      },
    };
    return held;
  }

  /** A place to wait at. @param what comes there, for the message of a test that waits for it in vain */
  hold(what: string): { readonly reached: Promise<void>; goOn(): void; pass(): Promise<void> } {
    let goOn: () => void = () => undefined;
    let reach: () => void = () => undefined;
    const going = new Promise<void>((resolve) => (goOn = resolve));
    const reaching = new Promise<void>((resolve) => (reach = resolve));
    this.#closing.add(what, () => goOn());
    return {
      get reached() {
        return soon(what, reaching);
      },
      goOn,
      pass: () => {
        reach();
        return going;
      },
    };
  }

  /** While it lasts, all commits and claims of workers that start after this call are refused. */
  outage(): { begin(): void; end(): void; readonly refused: number } {
    let away = false;
    let refused = 0;
    const guard = <Result>(act: () => Promise<Result>): Promise<Result> => {
      if (!away) return act();
      refused += 1;
      return Promise.reject(new StoreUnavailable('the test made the store unavailable'));
    };
    const { orders, work } = this.plainStore;
    this.store = {
      ...this.plainStore,
      orders: { ...orders, commit: (commit) => guard(() => orders.commit(commit)) },
      work: {
        ...work,
        claim: (...args) => guard(() => work.claim(...args)),
        due: (query) => guard(() => work.due(query)),
      },
    };
    return {
      begin: () => (away = true),
      end: () => (away = false),
      get refused() {
        return refused;
      },
    };
  }

  /** Changes the stored state, as if another release had stored it. */
  async rewrite(orderId: string, change: (state: StoredState) => StoredState): Promise<void> {
    const order = await this.plainStore.orders.load(orderId);
    if (order === null) throw new Error(`no order ${orderId}`);
    const state = change(order.state);
    const file = new Database(join(this.#dir.path, 'orders.sqlite'));
    file
      .prepare('UPDATE orders SET state = ?, machine_version = ? WHERE id = ?')
      .run(JSON.stringify(state), state.machineVersion, orderId);
    file.close();
  }
}

/** Delivers nothing: it records the wake-ups. */
export class RecordedQueue implements WakeQueue {
  readonly woken: WakeUp[] = [];
  readonly wokenLater: { readonly wakeUp: WakeUp; readonly delayMs: number }[] = [];

  wake(wakeUps: readonly WakeUp[]): Promise<void> {
    this.woken.push(...wakeUps);
    return Promise.resolve();
  }

  wakeLater(wakeUp: WakeUp, delayMs: number): Promise<void> {
    this.wokenLater.push({ wakeUp, delayMs });
    return Promise.resolve();
  }

  consume(): void {
    // Nothing is ever delivered.
  }

  depth(): Promise<null> {
    return Promise.resolve(null);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
