/**
 * `npm run demo`: the embedded stack in a process of its own, varied orders posted to it over REST, and every
 * transition printed as it comes through Socket.IO. In the end what was told is held against what was executed.
 */
import { sleep } from '../runtime/time.ts';
import { OperatorError } from '../operator-error.ts';
import type { DemoArguments } from './arguments.ts';
import { DemoOrders } from './demo-orders.ts';
import type { Evidence } from './evidence.ts';
import { painter, printMessage } from './print-message.ts';
import { freePort, startStack, type StackProcess } from './stack-process.ts';
import { printSummary } from './summary.ts';
import { wording } from './wording.ts';

export interface DemoDeps {
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly wantedPort: number;
  readonly coloured: boolean;
  readonly print: (line: string) => void;
  /** Aborts when the user interrupts. */
  readonly interrupted: AbortSignal;
  /** For people: what is about to start. */
  readonly announcement: string;
  /** Of the stack at this address, which takes orders. */
  readonly openEvidence: (url: string) => Promise<Evidence>;
}

/** A first start deploys the exchanges, on a machine that may be slow. */
const READY_WITHIN_MS = 90_000;
const ENDED_WITHIN_MS = 120_000;

/** Runs the demo. @returns whether every order ended, every feed was complete and nothing was executed twice */
export async function runDemo(
  { orders: wanted, perSecond }: Omit<DemoArguments, 'simulated'>,
  deps: DemoDeps,
): Promise<boolean> {
  const { print, interrupted } = deps;
  const port = await freePort(deps.wantedPort);
  print(deps.announcement);
  const stack = startStack({
    main: deps.main,
    env: { SIMULATED_FAILURES: '0.05', LOG_LEVEL: 'warn', ...deps.env },
    port,
    ownGroup: true,
  });
  let evidence: Evidence | null = null;
  try {
    if (!(await isReady(stack, interrupted))) {
      print('Interrupted before it took orders');
      return true;
    }
    evidence = await deps.openEvidence(stack.url);
    const paint = painter(deps.coloured);
    const say = wording(evidence.market, evidence.names);
    const orders = new DemoOrders({
      url: stack.url,
      market: evidence.market,
      print: (message, terms) => print(printMessage(message, say(message, terms), paint)),
    });
    const ended = await post(orders, wanted ?? Number.POSITIVE_INFINITY, perSecond, interrupted);
    orders.close();
    const verdict = await evidence.judge(orders);
    await stack.end('SIGTERM');
    const figures = orders.figures();
    printSummary(figures, verdict, print);
    return figures.faults.length === 0 && verdict.faults.length === 0 && (!ended || figures.open === 0);
  } finally {
    await evidence?.close();
    await stack.end('SIGTERM');
  }
}

/** False: interrupted before it was. @throws UserFault when it does not start */
async function isReady(stack: StackProcess, interrupted: AbortSignal): Promise<boolean> {
  try {
    await stack.ready(READY_WITHIN_MS, interrupted);
    return true;
  } catch (thrown) {
    if (interrupted.aborted) return false;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperatorError(`The demo cannot run: ${why}; what it said is above`, { cause: thrown });
  }
}

/** @returns whether all were posted and had their time to end; false: interrupted before */
async function post(
  orders: DemoOrders,
  wanted: number,
  perSecond: number,
  interrupted: AbortSignal,
): Promise<boolean> {
  try {
    while (orders.submitted < wanted) {
      void orders.submitOne();
      await sleep(1_000 / perSecond, interrupted);
    }
    await orders.allEnded(ENDED_WITHIN_MS, interrupted);
    return true;
  } catch (thrown) {
    if (interrupted.aborted) return false;
    throw thrown;
  }
}
