import { describe, expect, test } from '@jest/globals';
import { initialContext } from '../../../machines/order/decisions.ts';
import { DEFAULT_RETRY_POLICY } from '../../../machines/order/retry-policy.ts';
import { toStoredContext, type StoredOrderContext } from '../../../machines/order/stored-context.ts';
import { viewOrder } from '../../../src/orders/reading/view-order.ts';
import { orderViewSchema } from '../../../src/protocol/views.ts';
import type { StoredOrder } from '../../../src/store/ports.ts';

const orderId = 'a'.repeat(32);
const AT = Date.UTC(2026, 10, 22, 10);

const context = initialContext({
  terms: {
    orderId,
    owner: 'local',
    sellToken: 'WETH',
    buyToken: 'USDC',
    sellAmount: '5',
    minBuyAmount: null,
    slippageBps: 50,
    validTo: AT / 1000 + 600,
    recipient: null,
    clientOrderId: 'mine',
  },
  policy: DEFAULT_RETRY_POLICY,
  at: AT,
});

function stored(
  changes: Partial<StoredOrderContext>,
  more: Partial<StoredOrder> = {},
  value: StoredOrder['state']['value'] = 'pending',
): StoredOrder {
  return {
    orderId,
    owner: 'local',
    clientOrderId: 'mine',
    requestHash: '',
    version: 3,
    status: 'pending',
    state: {
      machineVersion: 1,
      value,
      context: { ...toStoredContext(context), ...changes },
      status: 'active',
    },
    lastSeq: 3,
    createdAt: AT,
    updatedAt: AT + 5,
    worker: null,
    held: null,
    ...more,
  };
}

const viewOf = (order: StoredOrder) => viewOrder(order, '');

const failure = { kind: 'retry', code: 'venue_timeout', message: 'No answer' } as const;
const transaction = { hash: '0x1', signer: '0x2', nonce: 7, epoch: 1 };

describe('a view of an order', () => {
  test('has its terms, times and links, and matches its schema', () => {
    const view = orderViewSchema.strict().parse(viewOf(stored({})));
    expect(view).toMatchObject({
      orderId,
      status: 'pending',
      state: 'pending',
      sellAmount: '5',
      clientOrderId: 'mine',
      createdAt: '2026-11-22T10:00:00.000Z',
      updatedAt: '2026-11-22T10:00:00.005Z',
      lastSeq: 3,
      waitingFor: null,
      venue: null,
      links: { self: `/api/orders/${orderId}` },
    });
  });

  test('of an order in backoff has the failure and the time of the retry', () => {
    const view = viewOf(
      stored({ failure, retryAt: AT + 400, progress: 10 }, { status: 'routing' }, { routing: 'backoff' }),
    );
    expect(view).toMatchObject({
      state: 'routing.backoff',
      progress: 10,
      waitingFor: { code: 'venue_timeout', message: 'No answer', retryAt: '2026-11-22T10:00:00.400Z' },
    });
  });

  test('of an order in a new attempt does not wait for anything', () => {
    const view = viewOf(stored({ failure, attempt: 2 }, { status: 'routing' }, { routing: 'quoting' }));
    expect(view).toMatchObject({ attempt: 2, waitingFor: null });
  });

  test('of a submitted order has the failure that it waits for', () => {
    const view = viewOf(
      stored({ failure, transactions: [transaction] }, { status: 'submitted' }, { submitted: 'mining' }),
    );
    expect(view).toMatchObject({
      transactions: [{ ...transaction, kind: 'swap', status: null, block: null, gasUsed: null, paid: null }],
      waitingFor: { code: 'venue_timeout', retryAt: null },
    });
  });

  test('has what the chain says of each transaction: which one used its nonce, what it cost, and what it replaced', () => {
    const [raised, cancel] = [
      { ...transaction, hash: '0x3' },
      { ...transaction, hash: '0x4', nonce: 8, epoch: 2 },
    ];
    const used = { block: 9, status: 'success', gasUsed: '21000', paid: '42000' } as const;
    const context = {
      transactions: [transaction, raised, { ...transaction, hash: '0x5', nonce: 8, epoch: 2 }],
      receipts: [
        { ...raised, kind: 'swap', ...used, status: 'reverted' },
        { ...cancel, kind: 'cancel', ...used },
      ],
    } as const;
    const view = orderViewSchema
      .strict()
      .parse(viewOf(stored(context, { status: 'cancelled' }, 'cancelled')));
    const none = { block: null, gasUsed: null, paid: null };
    expect(view.transactions).toEqual([
      { ...transaction, kind: 'swap', status: 'replaced', ...none },
      { ...raised, kind: 'swap', ...used, status: 'reverted' },
      { ...transaction, hash: '0x5', nonce: 8, epoch: 2, kind: 'swap', status: 'replaced', ...none },
      { ...cancel, kind: 'cancel', ...used },
    ]);
  });

  test('of an order of 0.2 says of its transactions what the fill says', () => {
    const fill = { hash: '0x1', block: 9, executedSellAmount: '5', executedBuyAmount: '12' };
    const context = { fill, transactions: [transaction, { ...transaction, hash: '0x9' }] };
    const { transactions } = viewOf(stored(context, { status: 'confirmed' }, 'confirmed'));
    expect(transactions).toMatchObject([
      { hash: '0x1', status: 'success', block: 9, gasUsed: null, paid: null },
      { hash: '0x9', status: null, block: null },
    ]);
  });

  test('of a confirmed order has progress 100 and the executed amounts', () => {
    const fill = { hash: '0x1', block: 9, executedSellAmount: '5', executedBuyAmount: '12' };
    const view = viewOf(stored({ fill, progress: 90 }, { status: 'confirmed' }, 'confirmed'));
    expect(view).toMatchObject({
      progress: 100,
      executedSellAmount: '5',
      executedBuyAmount: '12',
      reason: null,
    });
  });

  test('of a failed order has progress 0 and its last progress', () => {
    const reason = { code: 'no_route', message: 'None' };
    const view = viewOf(stored({ reason, failure, progress: 30 }, { status: 'failed' }, 'failed'));
    expect(view).toMatchObject({ progress: 0, lastProgress: 30, reason, waitingFor: null });
  });

  test.each([
    ['no context', null],
    [
      'a context of another release',
      { order: { sell: 'WETH' }, progress: 'half', quotes: 'none', transactions: [1] },
    ],
    ['text', 'gone'],
  ])('exists for an order with %s', (_what, damaged) => {
    const order = stored({});
    const held = { code: 'unreadable', message: 'No machine of version 0' };
    const view = viewOf({
      ...order,
      held,
      state: { ...order.state, machineVersion: 0, context: damaged },
    });
    expect(orderViewSchema.strict().parse(view)).toMatchObject({
      orderId,
      sellToken: null,
      held,
      quotes: [],
    });
  });

  test('keeps the readable fields of a partly readable context', () => {
    const order = stored({});
    const view = viewOf({
      ...order,
      state: { ...order.state, context: { terms: { sellToken: 'DAI', sellAmount: 7 }, progress: 50 } },
    });
    expect(view).toMatchObject({ sellToken: 'DAI', sellAmount: null, lastProgress: 50 });
  });
});
