/** An example of each named schema: one order, from its submission to its end. Tests hold each against its schema. */
import type { Json } from './json-schema.ts';

const orderId = 'mzuhe4tfonsxg5dsmvzxgzlmmvrxi2lp';
const self = `/api/orders/${orderId}`;
const links = {
  self,
  transitions: `${self}/transitions`,
  events: `${self}/events`,
  cancel: `${self}/cancel`,
};
const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 26, 10, 2, seconds)).toISOString();
const position = { status: 'routing', lastSeq: 3 };
const hash = '0x39e452210327e757a5aea0e77ee87fe8dd8ce92721c788ae674801c12df59ec4';
const transaction = { hash, signer: '0xB32c89D2bF5e1cbd8bB3b5B6A0d5ABd1e6d9C605', nonce: 70, epoch: 1 };
const entry = (type: string, seq: number, state: string, progress: number): Json => ({
  type,
  orderId,
  seq,
  state,
  progress,
  timestamp: at(seq),
});
const terms = {
  sellToken: 'WETH',
  buyToken: 'USDC',
  sellAmount: '440000000000000000',
  minBuyAmount: null,
  slippageBps: 50,
  validTo: 1795687920,
  recipient: null,
  clientOrderId: 'invoice-17',
};
const quotes = [
  { venue: 'alpha-v2', buyAmount: '1315284753', gasCost: '319852', gasPriced: true, block: '157' },
  { venue: 'gamma-v3', buyAmount: '1318076957', gasCost: '319832', gasPriced: true, block: '157' },
];
const fill = { executedSellAmount: '440000000000000000', executedBuyAmount: '1318076957' };
const slipped = { code: 'slippage', message: 'gamma-v3 would pay less than minBuyAmount' };
const cancelled = { code: 'cancelled_by_user', message: 'Cancelled by the user' };
const pending = {
  ...entry('pending', 1, 'pending', 0),
  ...terms,
  message: 'Accepted: sell 440000000000000000 WETH for USDC',
};

const SAMPLES: Readonly<Record<string, Json>> = {
  Submission: {
    sellToken: 'WETH',
    buyToken: 'USDC',
    sellAmount: '440000000000000000',
    slippageBps: 50,
    clientOrderId: 'invoice-17',
  },
  SubmittedOrder: {
    orderId,
    status: 'pending',
    wsUrl: `ws://127.0.0.1:3000/api/orders/status/${orderId}`,
    links,
  },
  Quotes: {
    sellToken: 'WETH',
    buyToken: 'USDC',
    sellAmount: '440000000000000000',
    route: {
      venue: 'gamma-v3',
      buyAmount: '1318076957',
      minBuyAmount: '1311486572',
      gasCost: '319832',
      gasPriced: true,
      netBuyAmount: '1317757125',
      why: 'it nets 1317757125 USDC after gas, 2792224 USDC more than alpha-v2',
    },
    reason: null,
    quotes,
    refusals: [{ venue: 'beta-v2', code: 'no_liquidity', message: 'beta-v2 has too little USDC' }],
    quotedAt: at(1),
    goodUntil: at(13),
  },
  DryRun: { dryRun: true, wouldCreate: true, orderId: null, ...terms },
  CancelRequested: { orderId, status: 'routing', links },
  Order: {
    orderId,
    status: 'confirmed',
    state: 'confirmed',
    progress: 100,
    lastProgress: 90,
    lastSeq: 9,
    attempt: 1,
    createdAt: at(1),
    updatedAt: at(9),
    ...terms,
    quotes,
    venue: 'gamma-v3',
    transactions: [transaction],
    ...fill,
    deviation: null,
    reason: null,
    waitingFor: null,
    held: null,
    links,
  },
  Transition: {
    seq: 1,
    at: at(1),
    state: 'pending',
    machineVersion: 1,
    event: { type: 'xstate.init', at: Date.UTC(2026, 10, 26, 10, 2, 1), draw: 0 },
    edges: [],
    message: pending,
  },
  ConnectionMessage: { type: 'connection', orderId, progress: 10, timestamp: at(2), message: 'Connected' },
  SubscribedMessage: {
    type: 'subscribed',
    orderId,
    progress: 30,
    timestamp: at(3),
    ...position,
    message: 'The order is routing; its journal has 3 entries',
  },
  PendingMessage: pending,
  RoutingMessage: {
    ...entry('routing', 3, 'routing.selecting', 30),
    attempt: 1,
    quotes,
    message: 'Choosing among 2 quotes',
  },
  BuildingMessage: {
    ...entry('building', 4, 'building.assembling', 50),
    attempt: 1,
    venue: 'gamma-v3',
    buyAmount: '1318076957',
    minBuyAmount: '1311486572',
    message: 'Building the swap on gamma-v3: it nets 1317757125 USDC after gas',
  },
  SubmittedMessage: {
    ...entry('submitted', 7, 'submitted.mining', 80),
    attempt: 1,
    venue: 'gamma-v3',
    transaction,
    message: 'Waiting for the transaction to be mined',
  },
  ConfirmedMessage: {
    ...entry('confirmed', 9, 'confirmed', 100),
    venue: 'gamma-v3',
    ...fill,
    transactionHash: hash,
    block: 161,
    message: 'Sold 440000000000000000 WETH for 1318076957 USDC on gamma-v3',
  },
  FailedMessage: {
    ...entry('failed', 12, 'failed', 0),
    lastProgress: 50,
    reason: slipped,
    message: slipped.message,
  },
  CancelledMessage: {
    ...entry('cancelled', 5, 'cancelled', 0),
    lastProgress: 30,
    reason: cancelled,
    message: cancelled.message,
  },
  RetryMessage: {
    ...entry('retry', 5, 'building.backoff', 50),
    attempt: 1,
    of: 5,
    delayMs: 212,
    retryAt: at(6),
    error: slipped,
    message: 'Attempt 1 of 5 failed; the next one begins in 212 ms',
  },
  HeartbeatMessage: {
    type: 'heartbeat',
    orderId,
    progress: 30,
    timestamp: at(18),
    ...position,
    message: 'Still routing',
  },
  ErrorMessage: {
    type: 'error',
    orderId,
    progress: 0,
    timestamp: at(2),
    code: 'order_not_found',
    message: `There is no order ${orderId}`,
  },
  OrdersSubscribedMessage: {
    type: 'subscribed',
    scope: 'orders',
    timestamp: at(2),
    token: 's.1764151322.17',
    message: 'Following all orders',
  },
  OrdersHeartbeatMessage: {
    type: 'heartbeat',
    scope: 'orders',
    timestamp: at(17),
    token: 's.1764151337.17',
    message: 'Still following',
  },
  OrdersResyncMessage: {
    type: 'resync',
    scope: 'orders',
    timestamp: at(2),
    token: 's.1764151322.17',
    code: 'token_too_old',
    message:
      'More has happened since the token than is repeated: entries may be missing before this message; read the orders again',
  },
  Subscribe: { orderId, after: 0 },
  Unsubscribe: { orderId },
  SubscribeOrders: { scope: 'orders', filter: { status: ['confirmed', 'failed'], sellToken: 'WETH' } },
  UnsubscribeOrders: { scope: 'orders' },
  SubscribeAck: { ok: true, orderId, ...position },
  UnsubscribeAck: { ok: true, orderId, wasSubscribed: true },
  SubscribeOrdersAck: { ok: true, scope: 'orders', token: 's.1764151322.17' },
  UnsubscribeOrdersAck: { ok: true, scope: 'orders', wasSubscribed: true },
  RefusedAck: {
    ok: false,
    orderId,
    error: { code: 'order_not_found', message: `There is no order ${orderId}` },
  },
  Problem: {
    type: '/problems/invalid-request',
    title: 'The request is not valid',
    status: 400,
    code: 'invalid_request',
    detail: '/sellAmount: expected more than 0',
    instance: '/api/orders/execute',
    errors: [{ field: '/sellAmount', message: 'expected more than 0' }],
  },
};

export function sampleOf(name: string): Json | undefined {
  return SAMPLES[name];
}

/** The schemas, each with its example. */
export function withSamples(schemas: Readonly<Record<string, Json>>): Json {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const sample = SAMPLES[name];
      return [name, sample === undefined ? schema : { ...schema, examples: [sample] }];
    }),
  );
}
