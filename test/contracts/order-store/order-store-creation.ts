import { expect, test } from '@jest/globals';
import type { TheStore } from './order-store.contract.ts';
import {
  ALL_ALIVE,
  aNewOrder,
  anEntry,
  anOrderId,
  aState,
  aWorkerId,
  created,
  ended,
} from './order-store-samples.ts';

export function creation(theStore: TheStore): void {
  test('an order is stored with its first entry, waiting without a worker', async () => {
    const { orders, journal } = theStore();
    const { entry, ...order } = aNewOrder({ clientOrderId: 'mine-1' });

    expect(await orders.create({ ...order, entry })).toEqual({ created: true });

    expect(await orders.load(order.orderId)).toEqual({
      ...order,
      version: 1,
      lastSeq: 1,
      updatedAt: order.createdAt,
      worker: null,
      held: null,
    });
    expect(await journal.read(order.orderId, 0, 10)).toEqual([entry]);
  });

  test('a new order is due at once', async () => {
    const order = await created(theStore());
    expect(await theStore().work.claim(order.orderId, aWorkerId(), ALL_ALIVE)).not.toBeNull();
  });

  test('an order that was never stored loads as null', async () => {
    expect(await theStore().orders.load(anOrderId())).toBeNull();
  });

  test('an order without a clientOrderId has null there', async () => {
    expect((await created(theStore())).clientOrderId).toBeNull();
  });

  test('creating it again answers the order as it stands and changes nothing', async () => {
    const { orders, journal } = theStore();
    const first = await created(theStore());

    const again = await orders.create(
      aNewOrder({ orderId: first.orderId, requestHash: 'cd'.repeat(32), owner: 'another owner' }),
    );

    expect(again).toEqual({ created: false, existing: first });
    expect(await orders.load(first.orderId)).toEqual(first);
    expect(await journal.read(first.orderId, 0, 10)).toHaveLength(1);
  });

  test('of 50 callers that create one order at once, one does and all learn of the same order', async () => {
    const { orders, journal } = theStore();
    const orderId = anOrderId();
    const hashOf = (caller: number) => caller.toString(16).padStart(64, '0');

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, caller) =>
        orders.create(aNewOrder({ orderId, requestHash: hashOf(caller) })),
      ),
    );

    const winners = answers.flatMap((answer, caller) => (answer.created ? [hashOf(caller)] : []));
    expect(winners).toHaveLength(1);
    const told = answers.flatMap((answer) => (answer.created ? [] : [answer.existing.requestHash]));
    expect(new Set(told)).toEqual(new Set(winners));
    expect(await journal.read(orderId, 0, 10)).toHaveLength(1);
  });

  test('any JSON comes back as it went in: scripts, signs, control characters, awkward keys', async () => {
    const context = {
      text: 'Zürich 東京 🐝 \u0000 \u2028 "quoted" \\ back',
      'dotted.key': { $set: 1, '': 'empty', __proto: null },
      numbers: [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER],
      nothing: null,
      empty: [{}, [], ''],
    };
    const orderId = anOrderId();
    const event = { type: 'X', at: 1, draw: 0.123456789, output: context };
    await theStore().orders.create(
      aNewOrder({
        orderId,
        owner: 'Zoë 🐝',
        clientOrderId: '東京-1',
        state: aState(context),
        entry: anEntry(orderId, 1, { event }),
      }),
    );

    const order = await theStore().orders.load(orderId);
    expect(order).toMatchObject({ owner: 'Zoë 🐝', clientOrderId: '東京-1' });
    expect(order?.state.context).toEqual(context);
    expect((await theStore().journal.read(orderId, 0, 1))[0]?.event).toEqual(event);
  });

  test('a state and an entry of half a megabyte each come back whole', async () => {
    const text = '0x' + 'é'.repeat(250_000);
    const orderId = anOrderId();
    await theStore().orders.create(
      aNewOrder({
        orderId,
        state: aState({ text }),
        entry: anEntry(orderId, 1, { event: { type: 'X', at: 1, draw: 0, text } }),
      }),
    );

    expect((await theStore().orders.load(orderId))?.state.context).toEqual({ text });
    expect((await theStore().journal.read(orderId, 0, 1))[0]?.event['text']).toBe(text);
  });

  test('open orders are counted, ended ones are not', async () => {
    const { orders } = theStore();
    const before = await orders.countOpen();
    const first = await created(theStore());
    await created(theStore());
    expect(await orders.countOpen()).toBe(before + 2);
    await ended(theStore(), first.orderId, 'failed');
    expect(await orders.countOpen()).toBe(before + 1);
  });
}
