import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeAbiParameters, keccak256, numberToHex, parseEther, type Address } from 'viem';
import { generatePrivateKey } from 'viem/accounts';
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import type { OrderTerms } from '../../../machines/order/types.ts';
import { chooseSigner } from '../../../src/chain/evm/funds/choose-signer.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { accountIdOf, type SubmitterContext } from '../../../src/chain/evm/submitter-context.ts';
import {
  privateKeySigner,
  type TransactionSigner,
} from '../../../src/chain/evm/signing/transaction-signer.ts';
import { anOrderId } from '../../contracts/order-store/order-store-samples.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { orderTerms } from '../../venues/order-terms.ts';
import { EvmWorkbench } from './evm-workbench.ts';

const ETHER = parseEther('1');
/** Where WETH9 declares its balances. */
const BALANCES_SLOT = 3n;

let bench: EvmWorkbench;
let proxy: RpcProxy;
let signers: readonly TransactionSigner[];

beforeAll(async () => {
  bench = await EvmWorkbench.open();
  proxy = await rpcProxy(bench.market.anvil.rpcUrl);
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  proxy.requests.length = 0;
  signers = Array.from({ length: 3 }, () => privateKeySigner(generatePrivateKey())).sort((one, other) =>
    one.address < other.address ? -1 : 1,
  );
  const genesis = await bench.deps().node.genesis();
  for (const { address } of signers) {
    await bench.store.ledger.accounts.open(accountOf(address), genesis, 0);
    await fund(address, { weth: ETHER, ether: ETHER });
  }
});
afterAll(async () => {
  await proxy.close();
  await bench.close();
});

function accountOf(address: Address): string {
  return accountIdOf(bench.market.chain.chainId, address);
}

async function fund(address: Address, { weth, ether }: { weth?: bigint; ether?: bigint }): Promise<void> {
  if (ether !== undefined) await bench.client.setBalance({ address, value: ether });
  if (weth === undefined) return;
  const key = encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [address, BALANCES_SLOT]);
  await bench.client.setStorageAt({
    address: bench.market.weth,
    index: keccak256(key),
    value: numberToHex(weth, { size: 32 }),
  });
}

/** A process that has seen nothing yet: what it knows of balances holds for a whole block. */
function context(): SubmitterContext {
  const { multicall3, tokens } = bench.market.chain;
  return bench.deps(
    {},
    {
      node: openChainNode(proxy.url, { multicall3 }),
      addressOf: (name) =>
        name === 'ETH' ? NATIVE_COIN : (tokens.find(({ symbol }) => symbol === name)?.address ?? null),
    },
  );
}

const selling = (amount = ETHER): OrderTerms => orderTerms(anOrderId(), { sellAmount: amount.toString() });

function chosen(terms: OrderTerms, shared = context()): Promise<Address> {
  return chooseSigner(shared, signers, terms);
}

function otherThan(address: Address): readonly Address[] {
  return signers.map((each) => each.address).filter((each) => each !== address);
}

test('among signers that can pay, an order gets the same one in every process, and orders are spread', async () => {
  const orders = Array.from({ length: 40 }, () => selling());
  const shared = context();
  const first = await Promise.all(orders.map((terms) => chosen(terms, shared)));
  const other = context();
  expect(await Promise.all(orders.map((terms) => chosen(terms, other)))).toEqual(first);
  expect(new Set(first).size).toBe(3);
});

test('forty orders at one head read the balances with one request', async () => {
  const shared = context();
  await Promise.all(Array.from({ length: 40 }, () => chosen(selling(), shared)));
  expect(proxy.requests.filter(({ method }) => method === 'eth_call')).toHaveLength(1);
  expect(proxy.requests.filter(({ method }) => method === 'eth_getBalance')).toHaveLength(0);
});

test.each([
  ['lacks the tokens', { weth: ETHER - 1n }],
  ['lacks ether for gas', { ether: 1_000n }],
] as const)('a signer that %s is passed over while another has both', async (_what, funds) => {
  const terms = selling();
  const first = await chosen(terms);
  await fund(first, funds);
  const second = await chosen(terms);
  expect(otherThan(first)).toContain(second);
  await fund(second, funds);
  expect(new Set([first, second, await chosen(terms)]).size).toBe(3);
});

test('a signer whose tokens orders in flight will spend is passed over, and a halted one, too', async () => {
  const terms = selling();
  const first = await chosen(terms);
  const { ledger } = bench.store;
  const spends = { token: bench.market.weth, amount: '1' };
  await ledger.reservations.take(accountOf(first), { orderId: anOrderId(), epoch: 1 }, { window: 8, spends });
  const second = await chosen(terms);
  expect(otherThan(first)).toContain(second);
  await ledger.accounts.halt(accountOf(second), { code: 'foreign_transaction', message: 'a test' });
  expect(new Set([first, second, await chosen(terms)]).size).toBe(3);
});

test('an order that has a nonce keeps its signer, whatever that has left', async () => {
  const terms = selling();
  const [{ address } = { address: '0x' as const }] = signers;
  const spends = { token: bench.market.weth, amount: terms.sellAmount };
  const owner = { orderId: terms.orderId, epoch: 1 };
  await bench.store.ledger.reservations.take(accountOf(address), owner, { window: 8, spends });
  await fund(address, { weth: 0n, ether: 0n });
  expect(await chosen(terms)).toBe(address);
});

test('where no signer has as much as the order sells it fails, and says how much the richest has', async () => {
  await expect(chosen(selling(ETHER + 1n))).rejects.toMatchObject({
    kind: 'fail',
    code: 'insufficient_funds',
    message: expect.stringMatching(/None of 3 signers has the 1000000000000000001 base units of WETH/),
  });
});

test('an order waits where the tokens are reserved, where ether is missing, and where the holder is halted', async () => {
  const terms = selling();
  const { ledger } = bench.store;
  for (const { address } of signers) await fund(address, { ether: 0n });
  await expect(chosen(terms)).rejects.toMatchObject({ kind: 'wait', code: 'insufficient_gas_funds' });
  const spends = { token: bench.market.weth, amount: '1' };
  for (const { address } of signers) {
    const owner = { orderId: anOrderId(), epoch: 1 };
    await ledger.reservations.take(accountOf(address), owner, { window: 8, spends });
  }
  await expect(chosen(terms)).rejects.toMatchObject({ kind: 'wait', code: 'funds_reserved' });
  const [holder, ...others] = signers;
  for (const { address } of others) await fund(address, { weth: 0n });
  await ledger.accounts.halt(accountOf(holder?.address ?? '0x'), { code: 'foreign', message: 'a test' });
  await expect(chosen(terms)).rejects.toMatchObject({ kind: 'wait', code: 'signer_halted' });
});

test("an order that sells the chain's own coin gets a signer that keeps ether for gas beside it, and needs no tokens", async () => {
  const terms = { ...selling(), sellToken: 'ETH' };
  const [first, second, third] = signers.map(({ address }) => address);
  if (first === undefined || second === undefined || third === undefined) throw new Error('three signers');
  await fund(first, { weth: 0n, ether: 2n * ETHER });
  // As much as it sells, and nothing for gas.
  await fund(second, { ether: ETHER });
  await fund(third, { ether: ETHER - 1n });
  expect(await chosen(terms)).toBe(first);
  const other = { orderId: anOrderId(), epoch: 1 };
  const spends = { token: NATIVE_COIN, amount: ETHER.toString() };
  await bench.store.ledger.reservations.take(accountOf(first), other, { window: 4, spends });
  await expect(chosen(terms)).rejects.toMatchObject({ kind: 'wait', code: 'insufficient_gas_funds' });
  await fund(second, { ether: 0n });
  await expect(chosen(terms)).rejects.toMatchObject({ kind: 'wait', code: 'insufficient_gas_funds' });
  await fund(first, { ether: 2n * ETHER - 1n });
  await expect(chosen(terms)).rejects.toMatchObject({ kind: 'wait', code: 'funds_reserved' });
  await fund(first, { ether: ETHER - 1n });
  await expect(chosen(terms)).rejects.toMatchObject({ kind: 'fail', code: 'insufficient_funds' });
});

test('ether that orders in flight sell does not pay for the gas of others', async () => {
  const terms = selling();
  const first = await chosen(terms);
  const spends = { token: NATIVE_COIN, amount: ETHER.toString() };
  const owner = { orderId: anOrderId(), epoch: 1 };
  await bench.store.ledger.reservations.take(accountOf(first), owner, { window: 4, spends });
  expect(otherThan(first)).toContain(await chosen(terms));
});
