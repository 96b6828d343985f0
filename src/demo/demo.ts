/**
 * `npm run demo`: the embedded stack in a process of its own, varied orders posted to it over REST, and every
 * transition printed as it comes through Socket.IO.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { sleep, systemClock } from '../time.ts';
import { UserFault } from '../user-fault.ts';
import type { JournaledMessage } from '../protocol/messages.ts';
import { FeedCheck } from './feed-check.ts';
import { nextDemoOrder } from './order-mix.ts';
import { painter, printMessage, type Paint } from './print-message.ts';
import { freePort, startStack, type StackProcess } from './stack-process.ts';
import { cancelOrder, submitOrder } from './submit.ts';
import { printSummary, type DemoFigures } from './summary.ts';
import { watchOrders, type OrderWatcher } from './watch-orders.ts';

export interface DemoArguments {
  /** Null: until it is interrupted. */
  readonly orders: number | null;
  readonly perSecond: number;
}

/** @throws UserFault with what was expected */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const values = parse(args);
  const orders = values.orders === undefined ? null : Number(values.orders);
  const perSecond = Number(values.rate);
  if (orders !== null && (!Number.isSafeInteger(orders) || orders < 1 || orders > 100_000)) {
    throw new UserFault(`--orders ${values.orders}: expected a whole number, 1 to 100000`);
  }
  if (!(perSecond > 0 && perSecond <= 1_000)) {
    throw new UserFault(`--rate ${values.rate}: expected orders a second, more than 0, at most 1000`);
  }
  return { orders, perSecond };
}

function parse(args: readonly string[]): { readonly orders?: string | undefined; readonly rate: string } {
  try {
    const options = { orders: { type: 'string' }, rate: { type: 'string', default: '4' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UserFault(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

export interface DemoDeps {
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly wantedPort: number;
  readonly coloured: boolean;
  readonly print: (line: string) => void;
  /** Aborts when the user interrupts. */
  readonly interrupted: AbortSignal;
  readonly executions: () => readonly { readonly orderId: string; readonly count: number }[];
}

const READY_WITHIN_MS = 30_000;
const ENDED_WITHIN_MS = 120_000;

/** Runs the demo. @returns whether every order ended, every feed was complete and nothing was executed twice */
export async function runDemo({ orders, perSecond }: DemoArguments, deps: DemoDeps): Promise<boolean> {
  const { print, interrupted } = deps;
  const port = await freePort(deps.wantedPort);
  const stack = startStack({
    main: deps.main,
    env: { SIMULATED_FAILURES: '0.05', LOG_LEVEL: 'warn', ...deps.env },
    port,
  });
  try {
    await stack.ready(READY_WITHIN_MS);
    const demo = new Demo(stack, painter(deps.coloured), print);
    const wanted = orders ?? Number.POSITIVE_INFINITY;
    while (demo.submitted < wanted && !interrupted.aborted) {
      void demo.submitOne();
      await sleep(1_000 / perSecond, interrupted).catch(() => undefined);
    }
    if (!interrupted.aborted) await demo.allEnded(ENDED_WITHIN_MS);
    demo.close();
    await stack.end('SIGTERM');
    const figures = demo.figures(deps.executions());
    printSummary(figures, print);
    return (
      figures.faults.length === 0 &&
      figures.executedTwice === 0 &&
      (interrupted.aborted || figures.open === 0)
    );
  } finally {
    await stack.end('SIGTERM');
  }
}

class Demo {
  readonly #stack: StackProcess;
  readonly #check = new FeedCheck();
  readonly #accepted = new Set<string>();
  readonly #postedAt = new Map<string, number>();
  readonly #latenciesMs: number[] = [];
  readonly #failures: string[] = [];
  readonly #watcher: OrderWatcher;
  #retries = 0;
  #submitted = 0;

  constructor(stack: StackProcess, paint: Paint, print: (line: string) => void) {
    this.#stack = stack;
    this.#watcher = watchOrders({
      url: stack.url,
      lastSeq: (orderId) => this.#check.lastSeq(orderId),
      hasEnded: (orderId) => this.#check.hasEnded(orderId),
      onEntry: (message) => {
        this.#see(message);
        print(printMessage(message, paint));
      },
      onError: (text) => this.#failures.push(text),
    });
  }

  get submitted(): number {
    return this.#submitted;
  }

  async submitOne(): Promise<void> {
    this.#submitted += 1;
    const { body, cancelAfterMs, sentTwice } = nextDemoOrder(Math.random, systemClock.now());
    const key = randomUUID();
    const postedAt = performance.now();
    try {
      const { orderId } = await submitOrder(this.#stack.url, key, body);
      this.#accepted.add(orderId);
      this.#postedAt.set(orderId, postedAt);
      this.#watcher.watch(orderId);
      if (sentTwice && (await submitOrder(this.#stack.url, key, body)).orderId !== orderId) {
        this.#failures.push(`the key ${key} gave two orders`);
      }
      if (cancelAfterMs !== null) {
        await sleep(cancelAfterMs);
        await cancelOrder(this.#stack.url, orderId);
      }
    } catch (thrown) {
      this.#failures.push(String(thrown));
    }
  }

  async allEnded(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    while (this.#open() > 0 && performance.now() < until) await sleep(20);
  }

  close(): void {
    this.#watcher.close();
  }

  figures(executions: readonly { readonly count: number }[]): DemoFigures {
    return {
      accepted: this.#accepted.size,
      open: this.#open(),
      endings: this.#check.endings(),
      entries: this.#check.entries,
      retries: this.#retries,
      latenciesMs: this.#latenciesMs,
      executedTwice: executions.filter(({ count }) => count > 1).length,
      faults: [...this.#check.faults, ...this.#failures],
    };
  }

  #open(): number {
    const pendingPosts = this.#submitted - this.#accepted.size - this.#failures.length;
    return pendingPosts + [...this.#accepted].filter((orderId) => !this.#check.hasEnded(orderId)).length;
  }

  #see(message: JournaledMessage): void {
    this.#check.see(message);
    if (message.type === 'retry') this.#retries += 1;
    const postedAt = this.#postedAt.get(message.orderId);
    if (message.type === 'confirmed' && postedAt !== undefined) {
      this.#latenciesMs.push(performance.now() - postedAt);
    }
  }
}
