import { expect, test } from '@jest/globals';
import { isFinal, ORDER_STATUSES } from '../../../machines/order/state.ts';
import type { Changed } from '../../../src/store/changes.ts';
import type { TheStore } from './order-store.contract.ts';
import { advanced, anOrderId, created, ended, running, stored } from './order-store-samples.ts';

const OWNERS = ['local'];

/** Commits may be as many milliseconds apart as no clock shows: entries are compared, not tokens. */
export function changes(theStore: TheStore): void {
  const since = async (token: string, owners: readonly string[] = OWNERS) => {
    const changed = await theStore().changes.since(token, owners);
    if (changed.outcome !== 'read') throw new Error(`expected changes, not "${changed.outcome}"`);
    return changed;
  };
  const named = ({ orders }: Extract<Changed, { outcome: 'read' }>, orderId: string) =>
    orders.find((order) => order.orderId === orderId);

  test('what is created, moved and ended after a token is named, each with all of its later entries', async () => {
    const waiting = await created(theStore());
    const moving = await created(theStore());
    await advanced(theStore(), moving.orderId);
    const token = await theStore().changes.now();
    for (let seq = 3; seq <= 4; seq++) await advanced(theStore(), moving.orderId);
    const born = await created(theStore());
    const over = await created(theStore());
    await ended(theStore(), over.orderId);
    await ended(theStore(), waiting.orderId, 'cancelled');

    const changed = await since(token);
    for (const [{ orderId }, before, lastSeq] of [
      [moving, 2, 4],
      [born, 0, 1],
      [over, 0, 2],
      [waiting, 1, 2],
    ] as const) {
      const order = named(changed, orderId);
      expect(order).toMatchObject({ orderId, owner: 'local', lastSeq });
      expect(order?.after).toBeLessThanOrEqual(before);
    }
    const next = await since(changed.token);
    for (const { orderId, after } of next.orders) {
      expect(after).toBeLessThanOrEqual((await stored(theStore(), orderId)).lastSeq);
    }
  });

  test('a token goes on to what follows it, also over many small steps', async () => {
    let { token } = { token: await theStore().changes.now() };
    const reached = new Map<string, number>();
    const orderIds = [await created(theStore()), await created(theStore())].map(({ orderId }) => orderId);
    for (let step = 0; step < 10; step++) {
      const orderId = orderIds[step % 2] ?? '';
      const { lastSeq } = await advanced(theStore(), orderId);
      const changed = await since(token);
      token = changed.token;
      for (const order of changed.orders) {
        // Nothing between what was known and what is named is left out.
        expect(order.after).toBeLessThanOrEqual(reached.get(order.orderId) ?? 0);
        reached.set(order.orderId, order.lastSeq);
      }
      expect(reached.get(orderId)).toBe(lastSeq);
    }
  });

  test('claims, releases and commands change nothing', async () => {
    const { orderId } = await running(theStore(), 'worker');
    await advanced(theStore(), orderId);
    const { token } = await since(await theStore().changes.now());
    const { lastSeq, version } = await stored(theStore(), orderId);
    await theStore().work.release(orderId, version, 0);
    await theStore().inbox.push(orderId, { type: 'CANCEL', commandId: 'c' });
    expect(named(await since(token), orderId)?.lastSeq ?? lastSeq).toBe(lastSeq);
  });

  test('only orders of the named owners are named', async () => {
    const token = await theStore().changes.now();
    const mine = await created(theStore());
    const other = await created(theStore(), { owner: 'other' });
    const third = await created(theStore(), { owner: 'third' });
    await ended(theStore(), third.orderId);
    const ids = async (owners: readonly string[]) =>
      (await since(token, owners)).orders.map(({ orderId }) => orderId).sort();
    expect(await ids(['local'])).toEqual([mine.orderId]);
    expect(await ids(['local', 'other'])).toEqual([mine.orderId, other.orderId].sort());
    expect(await ids(['third'])).toEqual([third.orderId]);
    expect(await ids(['unknown'])).toEqual([]);
  });

  test('an empty store has a token, which goes on', async () => {
    const token = await theStore().changes.now();
    expect((await since(token)).orders).toEqual([]);
    const { orderId } = await created(theStore());
    expect(named(await since(token), orderId)).toMatchObject({ after: 0, lastSeq: 1 });
  });

  test('a text that no store of this kind made is unknown', async () => {
    await created(theStore());
    const token = await theStore().changes.now();
    const ahead = [`s9.${anOrderId().slice(0, 8)}.1`, `m${Date.now() + 3_600_000}`, 's0', 'm', ''];
    const texts = [...ahead.map((text) => Buffer.from(text).toString('base64url')), `${token}x`, 'ü', '%'];
    for (const text of texts) {
      expect([text, await theStore().changes.since(text, OWNERS)]).toEqual([text, { outcome: 'unknown' }]);
    }
  });

  test('the open orders of an owner are those that have not ended', async () => {
    const one = await created(theStore());
    await advanced(theStore(), one.orderId);
    const two = await created(theStore());
    await created(theStore(), { owner: 'other' });
    for (const status of ORDER_STATUSES.filter(isFinal)) {
      await ended(theStore(), (await created(theStore())).orderId, status);
    }
    expect(await theStore().changes.openOrders('local')).toEqual(
      new Map([
        [one.orderId, 2],
        [two.orderId, 1],
      ]),
    );
    expect(await theStore().changes.openOrders('unknown')).toEqual(new Map());
  });

  test('ended orders are named whatever they ended as', async () => {
    const token = await theStore().changes.now();
    for (const status of ORDER_STATUSES.filter(isFinal)) {
      const { orderId } = await created(theStore());
      await ended(theStore(), orderId, status);
      expect(named(await since(token), orderId)).toMatchObject({ lastSeq: 2 });
    }
  });
}
