/**
 * Two honest nodes behind one address. One mined a block that lost, and hangs there; the other goes on. Each request may reach
 * either of them.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { keccak256, toHex, type Hex } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { ConfirmationOutcome, MiningOutcome } from '../../../machines/order/types.ts';
import { confirmSwap } from '../../../src/chain/evm/confirm.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { readNonceStatus } from '../../../src/chain/evm/nonces/nonce-status.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { eventually } from '../../support/eventually.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';
import type { RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

let bench: EvmWorkbench;
let hanging: LocalAnvil;
let hangingClient: LocalClient;
let proxy: RpcProxy;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  hanging = await new LocalAnvil().start(3_600_000);
  hangingClient = openLocalClient(hanging.rpcUrl);
  proxy = await bench.proxy();
}, 30_000);
afterEach(() => hanging.remove());
afterAll(() => bench.close());

/** Both nodes have the chain as it is now. */
async function split(): Promise<void> {
  const state = await bench.client.dumpState();
  await hangingClient.loadState({ state });
}

/** About half of the requests reach the node that hangs. */
function spreadRequests(): void {
  const random = seededRandom('two views');
  proxy.nodeOf = () => (random() < 0.5 ? hanging.rpcUrl : bench.market.anvil.rpcUrl);
}

/** On the node that hangs the signer has nothing to sell, so that its swap reverts there. */
async function takeTokensOnHanging(): Promise<void> {
  const slot = keccak256(`0x${bench.signer.address.slice(2).padStart(64, '0')}${'3'.padStart(64, '0')}`);
  await hangingClient.setStorageAt({
    address: bench.market.weth,
    index: slot,
    value: toHex(0, { size: 32 }),
  });
}

async function mineOnHanging(bytes: Hex): Promise<Hex> {
  const hash = await hangingClient.sendRawTransaction({ serializedTransaction: bytes });
  await hangingClient.mine({ blocks: 1 });
  return hash;
}

function context() {
  return bench.deps({}, { node: openChainNode(proxy.url) });
}

async function bytesOf(order: SignedOrder): Promise<Hex> {
  const [attempt] = await bench.attemptsOf(order);
  if (attempt === undefined) throw new Error('the order has signed nothing');
  return `0x${attempt.bytes.slice(2)}`;
}

/** As the order's machine does it: a receipt that is gone is waited for again, and a wait is repeated. */
async function ending({ sent }: SignedOrder): Promise<ConfirmationOutcome | MiningOutcome> {
  const shared = context();
  for (;;) {
    const mined = await repeated(() => mineSwap(shared, bench.signer, sent, bench.execution()));
    if (mined.outcome !== 'included') return mined;
    const confirmed = await repeated(() => confirmSwap(shared, bench.signer, sent, bench.signal));
    if (confirmed.outcome !== 'reorganised') return confirmed;
  }
}

async function repeated<T>(effect: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await effect();
    } catch (thrown) {
      if (!(thrown instanceof EffectError) || thrown.kind !== 'wait') throw thrown;
    }
  }
}

test('a swap that reverted in a block that lost, and executed in the chain, is filled and never taken for reverted', async () => {
  const order = await bench.armed();
  await split();
  await takeTokensOnHanging();
  const bytes = await bytesOf(order);
  const hash = await mineOnHanging(bytes);
  expect(await hangingClient.getTransactionReceipt({ hash })).toMatchObject({ status: 'reverted' });
  await bench.client.sendRawTransaction({ serializedTransaction: bytes });
  await bench.mine(CONFIRMATIONS + 3);
  spreadRequests();
  expect(await ending(order)).toMatchObject({ outcome: 'filled', fill: { hash } });
}, 60_000);

test('a resender that meets both views closes no nonce by the receipt of a block that lost', async () => {
  const order = await bench.armed();
  await split();
  await takeTokensOnHanging();
  const bytes = await bytesOf(order);
  await mineOnHanging(bytes);
  await bench.client.sendRawTransaction({ serializedTransaction: bytes });
  await bench.mine(CONFIRMATIONS + 3);
  spreadRequests();
  const resender = bench.resender({}, { node: openChainNode(proxy.url) });
  await eventually(
    async () => {
      await resender.runOnce().catch(() => undefined);
      return (await bench.reservationOf(order)).outcome;
    },
    (outcome) => outcome !== null,
  );
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
}, 60_000);

test.each(['contested', 'ahead'] as const)(
  'a receipt whose block is %s is not final, however far its height lies below the head',
  async (at) => {
    const order = await bench.armed();
    await bench.client.sendRawTransaction({ serializedTransaction: await bytesOf(order) });
    await bench.mine(CONFIRMATIONS + 3);
    const node = openChainNode(bench.market.anvil.rpcUrl);
    const unsure = { ...node, placeOf: () => Promise.resolve({ at }) };
    const reservation = await bench.reservationOf(order);
    for (const [seen, isFinal] of [
      [node, true],
      [unsure, false],
    ] as const) {
      const status = await readNonceStatus(bench.deps({}, { node: seen }), bench.signer, reservation);
      expect(status).toMatchObject({ at: 'mined', isFinal });
    }
  },
);
