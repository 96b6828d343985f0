/** From `validTo` on, by the chain's block time, no swap of the order is sent; the order contests its nonce and says why. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { numberToHex } from 'viem';
import type { Report } from '../../../machines/order/types.ts';
import { broadcastSwap } from '../../../src/chain/evm/broadcast.ts';
import { cancelSwap } from '../../../src/chain/evm/cancel.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import type { ResenderContext } from '../../../src/chain/evm/resender.ts';
import { eventually } from '../../support/eventually.ts';
import type { RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

const NO_ETHER = 'insufficient funds for gas * price + value: have 0 want 42';
const FEE_CAP = 'tx fee (1.05 ether) exceeds the configured cap (1.00 ether)';

let bench: EvmWorkbench;
let proxy: RpcProxy;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  proxy = await bench.proxy();
});
afterAll(() => bench.close());

/** The order, as if its `validTo` were the time of the chain's last block, or a second after it. */
async function validFor(order: SignedOrder, seconds: 0 | 1): Promise<SignedOrder> {
  const { timestamp } = await bench.deps().node.head();
  const validTo = Number(timestamp) + seconds;
  const { orderId } = order.sent.terms;
  const hashes = order.sent.transactions.map(({ hash }) => hash);
  bench.submitted.set(orderId, { epoch: 1, hashes, validTo });
  return { ...order, sent: { ...order.sent, terms: { ...order.sent.terms, validTo } } };
}

function pooled(order: SignedOrder): Promise<boolean> {
  return bench.deps().node.hasTransaction(`0x${order.sent.transactions[0]?.hash.slice(2) ?? ''}`);
}

/** A context whose node answers so to each transaction that is sent to it. */
function refusing(said: string): ResenderContext {
  proxy.answer = ({ method }) =>
    method === 'eth_sendRawTransaction'
      ? {
          status: 200,
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32000, message: said } }),
        }
      : null;
  return bench.deps({}, { node: openChainNode(proxy.url) });
}

test('a swap is sent in the last second of its validTo, and not after it', async () => {
  const [open, over] = [await bench.signed(), await bench.signed()];
  await broadcastSwap(bench.deps(), bench.signer, (await validFor(open, 1)).sent, bench.signal);
  const expired = await validFor(over, 0);
  await expect(broadcastSwap(bench.deps(), bench.signer, expired.sent, bench.signal)).rejects.toMatchObject({
    kind: 'fail',
    code: 'expired',
    message: 'validTo passed before the swap was mined',
  });
  expect([await pooled(open), await pooled(over)]).toEqual([true, false]);
  expect((await bench.reservationOf(over)).state).toBe('reserved');
});

test.each([
  ['insufficient_gas_funds', NO_ETHER],
  ['send_refused', FEE_CAP],
])(
  'an order that waits with %s says what the node said, and says it again when it expires',
  async (code, said) => {
    const order = await bench.signed();
    const context = refusing(said);
    await expect(broadcastSwap(context, bench.signer, order.sent, bench.signal)).rejects.toMatchObject({
      kind: 'wait',
      code,
      message: expect.stringContaining(said),
    });
    const { sent } = await validFor(order, 0);
    for (const effect of [
      () => broadcastSwap(context, bench.signer, sent, bench.signal),
      () => mineSwap(context, bench.signer, sent, bench.execution()),
    ]) {
      await expect(effect()).rejects.toMatchObject({
        kind: 'fail',
        code: 'expired',
        message: expect.stringContaining(said),
      });
    }
  },
);

test('a swap that is mined when its validTo passes is reported as included', async () => {
  const order = await bench.armed();
  await broadcastSwap(bench.deps(), bench.signer, order.sent, bench.signal);
  await bench.mine();
  const { sent } = await validFor(order, 0);
  await broadcastSwap(bench.deps(), bench.signer, sent, bench.signal);
  expect(await mineSwap(bench.deps(), bench.signer, sent, bench.execution())).toMatchObject({
    outcome: 'included',
  });
});

test('a swap that is not mined when its validTo passes has its fee raised no more', async () => {
  const order = await validFor(await bench.armed(), 1);
  const mining = mineSwap(bench.deps(), bench.signer, order.sent, bench.execution());
  const ended = expect(mining).rejects.toMatchObject({ kind: 'fail', code: 'expired' });
  await eventually(() => pooled(order), Boolean);
  await bench.forget();
  await bench.client.increaseTime({ seconds: 10 });
  await bench.mine();
  bench.now += 10_000;
  await ended;
  expect(await bench.attemptsOf(order)).toHaveLength(1);
});

test('the resender sends no swap of an order whose validTo has passed, and one of an order whose validTo has not', async () => {
  const [over, open] = [await validFor(await bench.armed(), 0), await validFor(await bench.armed(), 1)];
  await bench.resender().runOnce();
  expect([await pooled(over), await pooled(open)]).toEqual([false, true]);
  expect((await bench.reservationOf(over)).state).toBe('armed');
});

test('an order that expired without its swap being sent ends unfilled, though ether came after validTo', async () => {
  const order = await bench.armed();
  const { sent } = await validFor(order, 0);
  const { address } = bench.signer;
  const balance = await bench.client.getBalance({ address });
  await bench.client.setBalance({ address, value: 0n });
  await expect(broadcastSwap(bench.deps(), bench.signer, sent, bench.signal)).rejects.toMatchObject({
    code: 'expired',
  });
  const reports: Report[] = [];
  const outcome = cancelSwap(bench.deps(), bench.signer, sent, bench.execution(reports));
  await eventually(
    () => reports,
    (all) => all.length > 0,
  );
  expect(reports).toMatchObject([
    {
      type: 'WAITING',
      failure: {
        kind: 'wait',
        code: 'insufficient_gas_funds',
        message: expect.stringMatching(/insufficient funds/i),
      },
    },
  ]);
  await bench.client.setBalance({ address, value: balance });
  await bench.resender().runOnce();
  await eventually(
    () => bench.client.getTxpoolStatus(),
    ({ pending }) => pending === 1,
  );
  await bench.mine(1 + CONFIRMATIONS);
  expect(await outcome).toMatchObject({ outcome: 'unfilled' });
  expect(await bench.receipt(sent.transactions[0]?.hash ?? '')).toBeNull();
});

test('a cancellation that waits behind other nonces, or that the node does not take, says so', async () => {
  await bench.armed();
  const behind = await bench.armed();
  const reports: Report[] = [];
  const stop = new AbortController();
  const cancelling = cancelSwap(bench.deps(), bench.signer, behind.sent, {
    ...bench.execution(reports),
    signal: stop.signal,
  });
  const stopped = expect(cancelling).rejects.toThrow('seen enough');
  await eventually(
    () => reports,
    (all) => all.length > 0,
  );
  expect(reports).toMatchObject([{ failure: { code: 'nonce_not_next' } }]);
  stop.abort(new Error('seen enough'));
  await stopped;

  const refused: Report[] = [];
  const again = new AbortController();
  const refusedCancel = cancelSwap(refusing(FEE_CAP), bench.signer, behind.sent, {
    ...bench.execution(refused),
    signal: again.signal,
  });
  const ended = expect(refusedCancel).rejects.toThrow('seen enough');
  await bench.forget();
  await eventually(
    () => refused,
    (all) => all.some((each) => each.type === 'WAITING' && each.failure.code === 'send_refused'),
  );
  again.abort(new Error('seen enough'));
  await ended;
});

test("the chain's time decides, not that of this machine", async () => {
  const order = await bench.signed();
  const { timestamp } = await bench.deps().node.head();
  const hourLater = timestamp + 3_600n;
  proxy.answer = ({ method }) => {
    if (method !== 'eth_getBlockByNumber') return null;
    const block = {
      number: '0x64',
      hash: `0x${'ab'.repeat(32)}`,
      parentHash: `0x${'aa'.repeat(32)}`,
      timestamp: numberToHex(hourLater),
      baseFeePerGas: '0x1',
      transactions: [],
    };
    return { status: 200, body: JSON.stringify({ jsonrpc: '2.0', id: 1, result: block }) };
  };
  const context = bench.deps({}, { node: openChainNode(proxy.url) });
  const sent = { ...order.sent, terms: { ...order.sent.terms, validTo: Number(hourLater) } };
  await expect(broadcastSwap(context, bench.signer, sent, bench.signal)).rejects.toMatchObject({
    code: 'expired',
  });
});
