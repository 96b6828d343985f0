/** A chain like Arbitrum refuses a transaction of 21,000 gas: the gas of those that use up a nonce is estimated. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseTransaction } from 'viem';
import type { Report } from '../../../machines/order/types.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { ended } from '../../contracts/order-store/order-store-samples.ts';
import { eventually } from '../../support/eventually.ts';
import type { RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

const NEEDED = 60_000n;
const TOO_LOW = 'intrinsic gas too low: have 21000, want 60000';

let bench: EvmWorkbench;
let proxy: RpcProxy;
let estimates: boolean;
const warnings: unknown[] = [];

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  proxy = await bench.proxy();
  estimates = true;
  warnings.length = 0;
  proxy.answer = ({ method, params }) => {
    if (method === 'eth_estimateGas' && estimates) return reply({ result: `0x${NEEDED.toString(16)}` });
    if (method !== 'eth_sendRawTransaction') return null;
    const { gas = 0n } = parseTransaction(`0x${String(params[0]).slice(2)}`);
    return gas < NEEDED ? reply({ error: { code: -32000, message: TOO_LOW } }) : null;
  };
});
afterAll(() => bench.close());

function reply(answer: object) {
  return { status: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...answer }) };
}

function resender() {
  const log = { info: () => undefined, warn: (said: unknown) => warnings.push(said), error: () => undefined };
  return bench.resender({}, { node: openChainNode(proxy.url), log });
}

async function abandoned(): Promise<SignedOrder> {
  const order = await bench.signed();
  await ended(bench.store, order.sent.terms.orderId, 'cancelled');
  return order;
}

function gasOf({ bytes }: { readonly bytes: string }): bigint | undefined {
  return parseTransaction(`0x${bytes.slice(2)}`).gas;
}

test('a void nonce is used up by a transaction of the gas that the chain wants', async () => {
  const order = await abandoned();
  const pass = resender();
  await pass.runOnce();
  await pass.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await pass.runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel', status: 'success' });
  expect(warnings).toEqual([]);
});

test('one that was signed with too little gas is told as refused, once, and another is signed as soon as the chain says how much it wants', async () => {
  const order = await abandoned();
  estimates = false;
  const pass = resender();
  for (let look = 0; look < 4; look += 1) await pass.runOnce();
  expect(warnings).toMatchObject([{ code: 'send_refused', why: expect.stringContaining(TOO_LOW) }]);
  expect((await bench.attemptsOf(order)).map(gasOf).slice(1)).toEqual([21_000n]);
  expect((await bench.reservationOf(order)).state).toBe('void');

  estimates = true;
  await pass.runOnce();
  expect((await bench.attemptsOf(order)).map(gasOf).slice(1)).toEqual([21_000n, (NEEDED * 5n) / 4n]);
  await bench.mine(1 + CONFIRMATIONS);
  await pass.runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel', status: 'success' });
  expect(warnings).toHaveLength(1);
});

test('a cancellation that is refused says so, and ends the order once it has the gas that the chain wants', async () => {
  const order = await bench.armed();
  estimates = false;
  const reports: Report[] = [];
  const context = bench.deps({}, { node: openChainNode(proxy.url) });
  const outcome = cancelSwap(context, bench.signer, order.sent, bench.execution(reports));
  await eventually(
    () => reports,
    (all) => all.length > 0,
  );
  expect(reports).toMatchObject([
    { failure: { code: 'send_refused', message: expect.stringContaining(TOO_LOW) } },
  ]);
  estimates = true;
  await eventually(
    () => bench.client.getTxpoolStatus(),
    ({ pending }) => pending === 1,
  );
  await bench.mine(1 + CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'unfilled' });
});
