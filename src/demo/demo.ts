/**
 * `npm run demo`: starts the embedded stack as a child process, posts varied orders over REST, and prints each transition that
 * arrives over Socket.IO. At the end it compares what arrived with what was executed.
 */
import { sleep } from '../runtime/time.ts';
import { OperatorError } from '../operator-error.ts';
import type { DemoArguments } from './arguments.ts';
import { DemoOrders } from './demo-orders.ts';
import type { DemoAudit } from './audit.ts';
import { printMessage } from '../terminal/print-message.ts';
import { painter } from '../terminal/style.ts';
import { freePort } from '../stack-process/free-port.ts';
import { startStack, type StackProcess } from '../stack-process/start-stack.ts';
import { printSummary } from './summary.ts';
import { messageTexts } from '../terminal/message-text.ts';

export interface DemoDeps {
  readonly main: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly wantedPort: number;
  readonly coloured: boolean;
  readonly print: (line: string) => void;
  /** Aborts when the user interrupts. */
  readonly interrupted: AbortSignal;
  /** Printed before the start: what is started. */
  readonly announcement: string;
  /** Opens the audit of the stack at this address, which takes orders. */
  readonly openAudit: (url: string) => Promise<DemoAudit>;
}

/** The first start deploys the exchanges, possibly on a slow machine. */
const READY_WITHIN_MS = 90_000;
const ENDED_WITHIN_MS = 120_000;

/** @returns whether all orders ended, all feeds were complete, and the audit found no faults */
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
  let audit: DemoAudit | null = null;
  try {
    if (!(await becomesReady(stack, interrupted))) {
      print('Interrupted before it was ready');
      return true;
    }
    audit = await deps.openAudit(stack.url);
    const paint = painter(deps.coloured);
    const textOf = messageTexts(audit.market.tokens, audit.names);
    const orders = new DemoOrders({
      url: stack.url,
      market: audit.market,
      print: (message, terms) => print(printMessage(message, textOf(message, terms), paint)),
    });
    const allPosted = await postOrders(orders, wanted ?? Number.POSITIVE_INFINITY, perSecond, interrupted);
    orders.close();
    const result = await audit.run(orders);
    await stack.end('SIGTERM');
    const figures = orders.figures();
    printSummary(figures, result, print);
    return figures.faults.length === 0 && result.faults.length === 0 && (!allPosted || figures.open === 0);
  } finally {
    await audit?.close();
    await stack.end('SIGTERM');
  }
}

/** False: the user interrupted the start. @throws OperatorError when the stack does not start */
async function becomesReady(stack: StackProcess, interrupted: AbortSignal): Promise<boolean> {
  try {
    await stack.ready(READY_WITHIN_MS, interrupted);
    return true;
  } catch (thrown) {
    if (interrupted.aborted) return false;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new OperatorError(`The demo cannot run: ${reason}. Its output is above.`, { cause: thrown });
  }
}

/** @returns whether all orders were posted and had time to end. False: the user interrupted it */
async function postOrders(
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
