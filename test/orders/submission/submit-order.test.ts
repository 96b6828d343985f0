import { describe, expect, test } from '@jest/globals';
import { DEFAULT_RETRY_POLICY } from '../../../machines/order/retry-policy.ts';
import { machineRegistry } from '../../../machines/registry.ts';
import { replay } from '../../../machines/replay.ts';
import type { CrashPoint } from '../../../src/crash-points.ts';
import { limitOpenOrders } from '../../../src/orders/submission/open-order-limit.ts';
import { NO_LIMITS } from '../../../src/orders/submission/order-limits.ts';
import { orderIdOf } from '../../../src/orders/submission/order-id.ts';
import { submitOrder, type SubmitDeps } from '../../../src/orders/submission/submit-order.ts';
import { journaledMessageSchema } from '../../../src/protocol/messages.ts';
import { submissionSchema } from '../../../src/protocol/requests.ts';
import { ANY_TOKEN } from '../../../src/settings/token-names.ts';
import { storeForTests } from '../../support/store-for-tests.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const NOW_SECONDS = NOW / 1000;
const body = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '5' };

function given(changes: Partial<SubmitDeps> & { limit?: number } = {}) {
  const clock = { now: () => time.now };
  const time = { now: NOW };
  const store = storeForTests(clock.now);
  const wakes: unknown[] = [];
  const warnings: string[] = [];
  let drawn = 0;
  const submit = submitOrder({
    store: store.orders,
    queue: { wake: (wakeUps) => Promise.resolve(void wakes.push(...wakeUps)) },
    openOrders: limitOpenOrders(store.orders, clock, changes.limit ?? 100),
    tokens: ANY_TOKEN,
    limits: NO_LIMITS,
    registry: machineRegistry,
    policy: DEFAULT_RETRY_POLICY,
    clock,
    newIdempotencyKey: () => `drawn-${++drawn}`,
    notifyCreated: () => undefined,
    passCrashPoint: () => undefined,
    log: { warn: (_fields, text) => void warnings.push(text), error: () => undefined },
    ...changes,
  });
  const request = (key: string | null, more: object = {}) => {
    const asked = { ...body, ...more };
    return submit({
      owner: 'local',
      idempotencyKey: key,
      body: asked,
      submission: submissionSchema.parse(asked),
    });
  };
  return { store, wakes, warnings, request, time };
}

describe('an accepted submission', () => {
  test('is stored as a pending order whose journal replays to its state', async () => {
    const { store, request } = given();
    const { created, order } = await request('key');
    expect(created).toBe(true);
    const stored = await store.orders.load(order.orderId);
    const entries = await store.journal.read(order.orderId, 0, 10);
    expect(entries).toHaveLength(1);
    expect(replay(machineRegistry, entries)).toEqual(stored?.state);
    expect(stored).toMatchObject({ status: 'pending', lastSeq: 1, owner: 'local', createdAt: NOW });
  });

  test('begins its journal with the input, its time, and a wire message', async () => {
    const { store, request } = given();
    const { order } = await request('key');
    const [entry] = await store.journal.read(order.orderId, 0, 10);
    expect(entry).toMatchObject({ seq: 1, at: NOW, edges: [], state: 'pending' });
    expect(entry?.event).toMatchObject({ type: 'xstate.init', at: NOW, draw: 0, input: { at: NOW } });
    expect(journaledMessageSchema.parse(entry?.message)).toEqual({
      type: 'pending',
      orderId: order.orderId,
      seq: 1,
      state: 'pending',
      progress: 0,
      timestamp: '2026-11-22T10:00:00.000Z',
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: '5',
      minBuyAmount: null,
      slippageBps: 50,
      validTo: NOW / 1000 + 600,
      recipient: null,
      clientOrderId: null,
      message: 'Accepted',
    });
  });

  test('does not wait for the wake-up', async () => {
    const { request } = given({ queue: { wake: () => new Promise(() => undefined) } });
    expect(await request('key')).toMatchObject({ created: true });
  });

  test('stays accepted when the wake-up fails', async () => {
    const { request, warnings } = given({ queue: { wake: () => Promise.reject(new Error('no Redis')) } });
    const { created } = await request('key');
    expect(created).toBe(true);
    await Promise.resolve();
    expect(warnings).toHaveLength(1);
  });

  test('passes its crash points around the write', async () => {
    const passed: [CrashPoint, open: Promise<number>][] = [];
    const { store, request } = given({
      passCrashPoint: (point) => void passed.push([point, counted()]),
    });
    const counted = () => store.orders.countOpen();
    await request('key');
    expect(passed.map(([point]) => point)).toEqual([
      'submission.received',
      'submission.counted',
      'submission.stored',
    ]);
    expect(await passed[2]?.[1]).toBe(1);
  });

  test('makes a new order each time when it has no key', async () => {
    const { request } = given();
    const [one, other] = await Promise.all([request(null), request(null)]);
    expect(one.created && other.created).toBe(true);
    expect(one.order.orderId).not.toBe(other.order.orderId);
  });
});

describe('a repeated submission', () => {
  test('answers with its order and the current status, and wakes no worker', async () => {
    const { store, request, wakes } = given();
    const first = await request('key');
    store.tamper(first.order.orderId, { status: 'confirmed' });
    const second = await request('key');
    expect(second).toMatchObject({
      created: false,
      order: { orderId: first.order.orderId, status: 'confirmed' },
    });
    expect(wakes).toEqual([{ orderId: first.order.orderId, version: 1 }]);
  });

  test('with another body is refused', async () => {
    const { request } = given();
    await request('key');
    await expect(request('key', { sellAmount: '6' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  test('is answered even when its validTo has passed since', async () => {
    const { request, time } = given();
    const validTo = NOW_SECONDS + 10;
    const first = await request('key', { validTo });
    time.now += 60_000;
    expect(await request('key', { validTo })).toMatchObject({
      created: false,
      order: { orderId: first.order.orderId },
    });
  });

  test('is answered even at the limit of open orders', async () => {
    const { request } = given({ limit: 1 });
    await request('key');
    await expect(request('other')).rejects.toMatchObject({ code: 'too_many_orders' });
    await expect(request(null)).rejects.toMatchObject({ code: 'too_many_orders' });
    expect(await request('key')).toMatchObject({ created: false });
    await expect(request('key', { sellAmount: '6' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});

describe('validTo', () => {
  const validToIn = async (more: object) => {
    const { store, request } = given();
    const { order } = await request('key', more);
    const [entry] = await store.journal.read(order.orderId, 0, 1);
    return entry?.event['input'];
  };

  test('is ten minutes ahead by default', async () => {
    expect(await validToIn({})).toMatchObject({ terms: { validTo: NOW_SECONDS + 600 } });
  });

  test('may be up to seven days ahead', async () => {
    const week = 7 * 86_400;
    expect(await validToIn({ validTo: NOW_SECONDS + week })).toMatchObject({
      terms: { validTo: NOW_SECONDS + week },
    });
    await expect(validToIn({ validTo: NOW_SECONDS + week + 1 })).rejects.toMatchObject({
      code: 'invalid_request',
      details: { errors: [{ field: '/validTo' }] },
    });
  });

  test.each([0, NOW_SECONDS - 1, NOW_SECONDS])(
    'of %d has passed and is refused, and the error names the field',
    async (validTo) => {
      await expect(validToIn({ validTo })).rejects.toMatchObject({
        code: 'invalid_request',
        details: { errors: [{ field: '/validTo' }] },
      });
    },
  );
});

describe('a recipient', () => {
  const CONTRACT = `0x${'c0'.repeat(20)}`;

  test('that is a contract of the market is refused in any case, and nothing is stored', async () => {
    const { store, request } = given({ contracts: new Set([CONTRACT]) });
    for (const recipient of [CONTRACT, CONTRACT.toUpperCase().replace('0X', '0x')]) {
      await expect(request('key', { recipient })).rejects.toMatchObject({
        code: 'invalid_request',
        details: { errors: [{ field: '/recipient' }] },
      });
    }
    expect(await store.orders.load(orderIdOf('local', 'key'))).toBeNull();
  });

  test('that is an account is taken', async () => {
    const { request } = given({ contracts: new Set([CONTRACT]) });
    expect((await request('key', { recipient: `0x${'ab'.repeat(20)}` })).created).toBe(true);
  });
});
