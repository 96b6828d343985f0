import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { ended } from '../../contracts/order-store/order-store-samples.ts';
import { eventually } from '../../support/eventually.ts';
import { EvmWorkbench, CONFIRMATIONS, ownerOf } from './evm-workbench.ts';

const RESERVED_LIMIT_MS = 10_000;

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

test('a reserved nonce whose order has ended is used up by a transaction that does nothing', async () => {
  const order = await bench.signed();
  const resender = bench.resender();
  await resender.runOnce();
  expect((await bench.reservationOf(order)).state).toBe('reserved');
  await ended(bench.store, order.sent.terms.orderId, 'cancelled');
  await resender.runOnce();
  expect((await bench.reservationOf(order)).state).toBe('void');
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel', status: 'success' });
  expect(await bench.receipt(order.sent.transactions[0]?.hash ?? '')).toBeNull();
  const account = await bench.readAccount();
  expect(account).toMatchObject({ open: [], base: await bench.usedNonces() });
});

test('a reserved nonce whose order went on to a later epoch is given up', async () => {
  const order = await bench.signed();
  bench.submitted.set(order.sent.terms.orderId, { epoch: 2, hashes: [] });
  await bench.resender().runOnce();
  expect((await bench.reservationOf(order)).state).toBe('void');
});

test('a reserved nonce whose order is slow or missing is given up after its time limit and not before', async () => {
  const slow = await bench.signed();
  const { ledger } = bench.store;
  const gone = { orderId: 'of an order that does not exist', epoch: 1 };
  await ledger.reservations.take(bench.accountId, gone, { window: 16, spends: null });
  const states = async () => [
    (await bench.reservationOf(slow)).state,
    (await ledger.reservations.find(bench.accountId, gone))?.state,
  ];
  const resender = bench.resender();
  await resender.runOnce();
  bench.now += RESERVED_LIMIT_MS - 1;
  await resender.runOnce();
  expect(await states()).toEqual(['reserved', 'reserved']);
  bench.now += 1;
  await resender.runOnce();
  expect(await states()).toEqual(['void', 'void']);
});

test('an armed swap that the chain forgot is sent again, as it was signed, though no worker runs its order', async () => {
  const order = await bench.armed();
  const [attempt] = await bench.attemptsOf(order);
  const resender = bench.resender();
  for (const loss of [1, 2, 3]) {
    await resender.runOnce();
    expect(await bench.deps().node.hasTransaction(`0x${attempt?.hash.slice(2) ?? ''}`)).toBe(true);
    if (loss < 3) await bench.forget();
  }
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({
    hash: attempt?.hash,
    status: 'success',
  });
  expect(await bench.attemptsOf(order)).toHaveLength(1);
});

test('what its order has not named is never sent', async () => {
  const order = await bench.signed();
  await bench.store.ledger.reservations.move(bench.accountId, ownerOf(order), 'reserved', 'armed');
  await bench.resender().runOnce();
  await bench.mine();
  expect(await bench.usedNonces()).toBe((await bench.reservationOf(order)).nonce);
});

test('an armed nonce whose order is gone and whose swap is lost is used up, and those behind it go on', async () => {
  const order = await bench.armed();
  const behind = await bench.armed();
  const orders = {
    load: (id: string) =>
      id === order.sent.terms.orderId ? Promise.resolve(null) : bench.store.orders.load(id),
  };
  const resender = bench.resender({}, { orders });
  await resender.runOnce();
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'cancel', status: 'success' });
  expect((await bench.reservationOf(behind)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
});

test('of a lost swap in the middle all that come after it wait, and are executed once it is back', async () => {
  const orders = [await bench.armed(), await bench.armed(), await bench.armed()];
  const resender = bench.resender();
  await resender.runOnce();
  await bench.client.dropTransaction({ hash: `0x${orders[1]?.sent.transactions[0]?.hash.slice(2) ?? ''}` });
  await bench.mine();
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  for (const order of orders) {
    expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
  }
});

test('a swap that the node dropped is sent again with the next block, not only when the node would be asked again anyway', async () => {
  // Without a block the node would be asked again after 20 of them, which is more than this test waits.
  const pollMs = 400;
  const order = await bench.armed();
  const [attempt] = await bench.attemptsOf(order);
  const resender = bench.resender({ pollMs }, { node: openChainNode(bench.market.anvil.rpcUrl, { pollMs }) });
  const isKnown = () => bench.deps().node.hasTransaction(`0x${attempt?.hash.slice(2) ?? ''}`);
  await resender.runOnce();
  await resender.runOnce();
  expect(await isKnown()).toBe(true);
  await bench.forget();
  await bench.mine();
  const passAndLook = async () => {
    await resender.runOnce();
    return isKnown();
  };
  await eventually(passAndLook, Boolean, 10 * pollMs);
});

test('a reservation that was closed by a process that died is taken away by the next', async () => {
  const order = await bench.armed();
  const resender = bench.resender();
  await resender.runOnce();
  await bench.mine();
  await resender.runOnce();
  expect((await bench.readAccount()).open).toHaveLength(1);
  await bench.mine(CONFIRMATIONS);
  await Promise.all([resender.runOnce(), bench.resender().runOnce(), bench.resender().runOnce()]);
  expect(await bench.readAccount()).toMatchObject({
    open: [],
    base: (await bench.reservationOf(order)).nonce + 1,
  });
});
