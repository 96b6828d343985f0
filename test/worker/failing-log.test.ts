/** One order that fails in a tight loop on a real store: what the log says of it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { openLog } from '../../src/telemetry/log.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { eventually } from '../support/eventually.ts';
import { Workbench } from './workbench.ts';

/** Timers of Node.js may end a millisecond early. */
const SECOND_MS = 998;

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(() => bench.close());

const fieldsSchema = z.object({ orderId: z.string().optional(), leftOut: z.number().default(0) });

interface Line {
  readonly at: number;
  readonly fields: z.infer<typeof fieldsSchema>;
}

function logInto(lines: Line[]) {
  return openLog('debug', {
    write: (line) => void lines.push({ at: performance.now(), fields: fieldsSchema.parse(JSON.parse(line)) }),
  });
}

function expectOneASecond(lines: readonly Line[], orderId: string): void {
  const times = lines.filter(({ fields }) => fields.orderId === orderId).map(({ at }) => at);
  expect(times.length).toBeGreaterThanOrEqual(3);
  times.slice(1).forEach((at, index) => expect(at - (times[index] ?? 0)).toBeGreaterThan(SECOND_MS));
}

/** Wake-ups of a flooded queue, beside those of the sweeper. */
async function floodUntilLogged(worker: Worker, orderId: string, lines: readonly Line[]): Promise<void> {
  const flood = setInterval(() => void worker.wake(orderId), 1);
  await eventually(
    () => lines,
    (written) => written.length >= 3,
  ).finally(() => clearInterval(flood));
}

function leftOutOf(lines: readonly Line[], orderId: string): number {
  return lines
    .filter(({ fields }) => fields.orderId === orderId)
    .reduce((sum, { fields }) => sum + fields.leftOut, 0);
}

test('a venue that throws at each attempt of an order writes a line a second', async () => {
  const lines: Line[] = [];
  let asked = 0;
  const quote = () => {
    asked += 1;
    return Promise.reject(new TypeError('the venue has a defect'));
  };
  await bench.worker({ venues: [{ ...bench.venue(), quote }], log: logInto(lines) });
  const policy = {
    attempts: { routing: 5_000, building: 1, submitted: 1 },
    backoffBaseMs: 1,
    backoffCapMs: 2,
  };
  const orderId = await bench.submit({}, policy);
  await eventually(
    () => lines,
    (written) => written.length >= 3,
  );
  expectOneASecond(lines, orderId);
  expect(asked).toBeGreaterThan(30);
  // At most the last line of all waits for the end of its second.
  expect(leftOutOf(lines, orderId)).toBeGreaterThan(20);
  expect(lines.every(({ fields }) => fields.orderId === orderId)).toBe(true);
});

test('an order that no claim succeeds on, which the sweeper finds again and again, writes a line a second', async () => {
  const lines: Line[] = [];
  const { work } = bench.plainStore;
  let claims = 0;
  const claim: typeof work.claim = () => {
    claims += 1;
    return Promise.reject(new Error('the row of the order is damaged'));
  };
  bench.store = { ...bench.plainStore, work: { ...work, claim } };
  const orderId = await bench.submit();
  const worker = await bench.worker({ log: logInto(lines) });
  await floodUntilLogged(worker, orderId, lines);
  expectOneASecond(lines, orderId);
  expect(claims).toBeGreaterThan(200);
  expect(leftOutOf(lines, orderId)).toBeGreaterThan(100);
});

test('an order that is held each time that it is claimed writes a line a second', async () => {
  const lines: Line[] = [];
  const { orders, work } = bench.plainStore;
  let holds = 0;
  bench.store = {
    ...bench.plainStore,
    orders: { ...orders, commit: () => Promise.reject(new Error('the commit of the order is damaged')) },
    work: {
      ...work,
      // The hold is not kept either, so that the order comes back at once.
      hold: async (orderId, version) => {
        holds += 1;
        await work.release(orderId, version, 0);
        return true;
      },
    },
  };
  const worker = await bench.worker({ log: logInto(lines) });
  const orderId = await bench.submit();
  await floodUntilLogged(worker, orderId, lines);
  expectOneASecond(lines, orderId);
  expect(holds).toBeGreaterThan(20);
});
