import { expect, test } from '@jest/globals';
import { isFinal, type OrderStatus } from '../../../machines/order/state.ts';
import { codeTerm, pairTerm, tokenTerm, transactionTerm } from '../../../src/store/order-terms.ts';
import type { OrderFilter, OrderSearch } from '../../../src/store/ports.ts';
import type { TheStore } from './order-store.contract.ts';
import { advanced, anOrderId, aState, created, idDraws } from './order-store-samples.ts';
import { drawHex } from '../../support/seeded-random.ts';

interface Sample {
  readonly sellToken?: string;
  readonly buyToken?: string;
  readonly code?: string;
  readonly hashes?: readonly string[];
}

const DAY_MS = 86_400_000;

export function searches(theStore: TheStore): void {
  const anOwner = (): string => `owner-${anOrderId()}`;
  const aHash = (): string => `0x${drawHex(idDraws(), 64)}`;

  const contextOf = ({ sellToken = 'WETH', buyToken = 'USDC', code, hashes = [] }: Sample) => ({
    terms: { sellToken, buyToken, sellAmount: '1' },
    transactions: hashes.map((hash) => ({ hash, signer: '0x00', nonce: 1, epoch: 1 })),
    reason: code === undefined ? null : { code, message: 'as the test wants it' },
  });

  /** An order that has come to this status, with what its context says. */
  async function order(
    owner: string,
    status: OrderStatus,
    createdAt: number,
    sample: Sample = {},
    clientOrderId: string | null = null,
  ): Promise<string> {
    const context = contextOf(sample);
    const { orderId } = await created(theStore(), {
      owner,
      createdAt,
      clientOrderId,
      state: aState(context, { value: 'pending' }),
    });
    if (status === 'pending') return orderId;
    const state = aState(context, { value: status, status: isFinal(status) ? 'done' : 'active' });
    await advanced(theStore(), orderId, { status, state });
    return orderId;
  }

  /** In pages of this size. */
  async function ids(filter: Omit<OrderFilter, 'limit'>, limit: number): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await theStore().orders.list({ ...filter, limit, ...(cursor === null ? {} : { cursor }) });
      expect(page.orders.length).toBeLessThanOrEqual(limit);
      found.push(...page.orders.map(({ orderId }) => orderId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    return found;
  }

  async function expectFound(
    filter: Omit<OrderFilter, 'limit' | 'first'>,
    newestFirst: readonly (string | undefined)[],
  ): Promise<void> {
    for (const limit of [1, 2, 50]) {
      expect(await ids(filter, limit)).toEqual(newestFirst);
      expect(await ids({ ...filter, first: 'oldest' }, limit)).toEqual(newestFirst.toReversed());
    }
  }

  const byTerm = (...terms: string[]): OrderSearch => ({ terms });

  test('a token is found where it is sold and where it is bought, in any case, open or ended', async () => {
    const owner = anOwner();
    const sold = await order(owner, 'confirmed', 1, { sellToken: 'dai', buyToken: 'USDC' });
    const bought = await order(owner, 'failed', 2, { buyToken: 'DAI', code: 'timeout' });
    const open = await order(owner, 'routing', 3, { sellToken: 'Dai' });
    await order(owner, 'confirmed', 4);
    await order(owner, 'submitted', 5, { sellToken: 'DAIX' });
    await order(anOwner(), 'confirmed', 6, { sellToken: 'DAI' });

    await expectFound({ owner, search: byTerm(tokenTerm('dai')) }, [open, bought, sold]);
    await expectFound({ owner, search: byTerm(tokenTerm('dai')), status: 'failed' }, [bought]);
    await expectFound({ owner, search: byTerm(tokenTerm('dai')), status: 'routing' }, [open]);
    await expectFound({ owner, search: byTerm(tokenTerm('dai')), status: 'pending' }, []);
    await expectFound({ owner, search: byTerm(tokenTerm('usdt')) }, []);
  });

  test('a pair is found in its direction, and an order that has several of the terms is shown once', async () => {
    const owner = anOwner();
    const there = await order(owner, 'confirmed', 1);
    const back = await order(owner, 'confirmed', 2, { sellToken: 'USDC', buyToken: 'WETH' });
    const open = await order(owner, 'pending', 3);
    await expectFound({ owner, search: byTerm(pairTerm('weth', 'usdc')) }, [open, there]);
    await expectFound({ owner, search: byTerm(pairTerm('USDC', 'WETH')) }, [back]);
    await expectFound({ owner, search: byTerm(tokenTerm('weth'), tokenTerm('usdc')) }, [open, back, there]);
  });

  test('a transaction is found by its hash, also one of several, before and after the order ends', async () => {
    const owner = anOwner();
    const [first, second, other] = [aHash(), aHash(), aHash()];
    const orderId = await order(owner, 'submitted', 1, { hashes: [first, second] });
    await order(owner, 'confirmed', 2, { hashes: [other] });
    for (const hash of [first, second])
      await expectFound({ owner, search: byTerm(transactionTerm(hash)) }, [orderId]);
    await advanced(theStore(), orderId, {
      status: 'confirmed',
      state: aState(contextOf({ hashes: [first, second] }), { value: 'confirmed', status: 'done' }),
    });
    for (const hash of [first, second])
      await expectFound({ owner, search: byTerm(transactionTerm(hash)) }, [orderId]);
    await expectFound({ owner, search: byTerm(transactionTerm(aHash())) }, []);
  });

  test('an error code finds the orders that ended by it', async () => {
    const owner = anOwner();
    const made: string[] = [];
    for (let at = 1; at <= 5; at++) made.unshift(await order(owner, 'failed', at, { code: 'too_dear' }));
    await order(owner, 'failed', 6, { code: 'too_dear_elsewhere' });
    const cancelled = await order(owner, 'cancelled', 7, { code: 'cancelled_by_user' });
    await expectFound({ owner, search: byTerm(codeTerm('too_dear')) }, made);
    await expectFound({ owner, search: byTerm(codeTerm('cancelled_by_user')) }, [cancelled]);
    await expectFound({ owner, search: byTerm(codeTerm('cancelled_by_user')), status: 'failed' }, []);
  });

  test('an order is found by its id, the beginning of its id, and the id that its client gave it', async () => {
    const owner = anOwner();
    const orderId = await order(owner, 'confirmed', 1, {}, 'bot-7');
    const open = await order(owner, 'pending', 2, {}, 'bot-7');
    await order(owner, 'confirmed', 3, {}, 'bot-77');
    for (const length of [8, 31, 32]) {
      await expectFound({ owner, search: { terms: [], idPrefix: orderId.slice(0, length) } }, [orderId]);
    }
    await expectFound({ owner, search: { terms: [], clientOrderId: 'bot-7' } }, [open, orderId]);
    await expectFound({ owner, search: { terms: [], clientOrderId: 'bot-7' }, status: 'confirmed' }, [
      orderId,
    ]);
    await expectFound({ owner: anOwner(), search: { terms: [], idPrefix: orderId } }, []);
    const all = { terms: [tokenTerm('weth')], idPrefix: orderId, clientOrderId: 'bot-7' };
    await expectFound({ owner, search: all, until: 3 }, [open, orderId]);
  });

  test('a range of time begins with `since` and ends before `until`, with and without a search', async () => {
    const owner = anOwner();
    const now = Date.now();
    const at = [now - 900 * DAY_MS, now - 3 * DAY_MS, now - 2 * DAY_MS, now - 1_000, now] as const;
    const made: string[] = [];
    for (const time of at) made.unshift(await order(owner, 'confirmed', time));
    const [newest, late, middle, early, oldest] = made;
    for (const search of [undefined, byTerm(tokenTerm('weth'))]) {
      const found = { owner, ...(search === undefined ? {} : { search }) };
      await expectFound(found, [newest, late, middle, early, oldest]);
      await expectFound({ ...found, since: at[1] }, [newest, late, middle, early]);
      await expectFound({ ...found, until: at[3] }, [middle, early, oldest]);
      await expectFound({ ...found, since: at[1], until: at[2] }, [early]);
      await expectFound({ ...found, since: at[1], until: at[2] + 1, status: 'confirmed' }, [middle, early]);
      await expectFound({ ...found, since: now + 1 }, []);
      await expectFound({ ...found, since: at[2], until: at[1] }, []);
    }
  });

  test('orders of one millisecond are each found once', async () => {
    const owner = anOwner();
    const made = new Set<string>();
    for (let n = 0; n < 7; n++) made.add(await order(owner, n % 2 === 0 ? 'confirmed' : 'building', 7));
    for (const first of ['newest', 'oldest'] as const) {
      const found = await ids({ owner, search: byTerm(tokenTerm('weth')), first }, 2);
      expect(found).toHaveLength(7);
      expect(new Set(found)).toEqual(made);
    }
  });

  test('all orders of an owner are counted by status, and by why they ended', async () => {
    const owner = anOwner();
    await order(owner, 'pending', 1);
    const open = await order(owner, 'submitted', 2);
    for (let at = 3; at <= 5; at++) await order(owner, 'failed', at, { code: 'timeout' });
    await order(owner, 'failed', 6, { code: 'expired' });
    await order(anOwner(), 'failed', 7, { code: 'expired' });
    await advanced(theStore(), open, {
      status: 'confirmed',
      state: aState(contextOf({}), { value: 'confirmed', status: 'done' }),
    });
    const { counts } = await theStore().orders.counts(owner);
    const known = counts.filter(({ orders }) => orders > 0);
    expect(known).toHaveLength(4);
    expect(known).toEqual(
      expect.arrayContaining([
        { status: 'pending', code: null, orders: 1 },
        { status: 'confirmed', code: null, orders: 1 },
        { status: 'failed', code: 'timeout', orders: 3 },
        { status: 'failed', code: 'expired', orders: 1 },
      ]),
    );
    expect((await theStore().orders.counts(anOwner())).counts.filter(({ orders }) => orders > 0)).toEqual([]);
  });

  test('an order whose context cannot be read is neither found by a term nor keeps others from being found', async () => {
    const owner = anOwner();
    for (const context of [
      null,
      {},
      'text',
      { terms: 7, transactions: {}, reason: [] },
      { transactions: [{}] },
    ]) {
      const { orderId } = await created(theStore(), { owner, createdAt: 1 });
      await advanced(theStore(), orderId, { status: 'failed', state: aState(context) });
      await created(theStore(), { owner, createdAt: 1, state: aState(context) });
    }
    const found = await order(owner, 'failed', 2, { code: 'weth' });
    await expectFound({ owner, search: byTerm(tokenTerm('weth'), codeTerm('weth')) }, [found]);
  });
}
