/** Orders that sell or buy the chain's own coin, through the submitter: what a signer has of it pays for gas, too. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { encodeDeployData, parseEther } from 'viem';
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import type { OrderTerms } from '../../../machines/order/types.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import { created } from '../../contracts/order-store/order-store-samples.ts';
import { L1FeeOracle } from '../../support/contracts/compiled.ts';
import { ContractDeployer } from '../../support/odd-token.ts';
import { driveOrder } from '../drive-order.ts';
import { EvmMarket } from './evm-market.ts';
import { EvmWorkbench } from './evm-workbench.ts';

const COIN_ORDER = { sellToken: 'ETH', sellAmount: parseEther('1').toString() };

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

async function signed(over: Partial<OrderTerms> = {}) {
  const { terms, swap } = await bench.market.newOrder({ ...COIN_ORDER, ...over });
  await created(bench.store, { orderId: terms.orderId });
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  return signSwap(bench.deps(), bench.signer, input, bench.execution());
}

const setEther = (value: bigint): Promise<unknown> =>
  bench.client.setBalance({ address: bench.signer.address, value });

test('an order that sells the coin reserves it in the ledger, and needs no allowance', async () => {
  await signed();
  const { open } = await bench.readAccount();
  expect(open).toMatchObject([{ spends: { token: NATIVE_COIN, amount: COIN_ORDER.sellAmount } }]);
});

test('coin that another order sells is not sold twice, and not spent for gas', async () => {
  await setEther(parseEther('2.5'));
  await signed();
  await signed();
  // A third would take what the two before it sell.
  await expect(signed()).rejects.toMatchObject({ kind: 'wait', code: 'funds_reserved' });
  await setEther(parseEther('2'));
  await expect(signed({ sellToken: 'WETH' })).rejects.toMatchObject({ kind: 'wait', code: 'funds_reserved' });
  expect((await bench.readAccount()).open).toHaveLength(2);
});

test('an order that sells all the coin of its signer waits, since nothing is left for gas', async () => {
  await setEther(parseEther('1'));
  await expect(signed()).rejects.toMatchObject({ kind: 'wait', code: 'insufficient_gas_funds' });
  expect((await bench.readAccount()).open).toEqual([]);
});

test('on a chain that charges for data the signer must have the ether for that, too', async () => {
  const { abi, bytecode } = L1FeeOracle;
  const weiPerByte = parseEther('0.01');
  const creation = encodeDeployData({ abi, bytecode, args: [weiPerByte] });
  const oracle = await new ContractDeployer(bench.client).deploy(creation);
  const { anvil, chain } = bench.market;
  const l1FeeOracle = { address: oracle, chainId: chain.chainId };
  const node = openChainNode(anvil.rpcUrl, { l1FeeOracle });
  const { terms, swap } = await bench.market.newOrder();
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  const sign = () => signSwap(bench.deps({}, { node }), bench.signer, input, bench.execution());
  await setEther(parseEther('1'));
  await expect(sign()).rejects.toMatchObject({
    kind: 'wait',
    code: 'insufficient_gas_funds',
    message: expect.stringContaining('for its data'),
  });
  expect((await bench.readAccount()).open).toEqual([]);
  await setEther(parseEther('100'));
  expect(await sign()).toMatchObject({ transaction: { epoch: 1 } });
});

test.each([
  ['alpha-v2', COIN_ORDER],
  ['gamma-v3', COIN_ORDER],
  ['alpha-v2', { sellToken: 'USDC', buyToken: 'ETH', sellAmount: '3000000' }],
  ['gamma-v3', { sellToken: 'USDC', buyToken: 'ETH', sellAmount: '3000000' }],
] as const)(
  'an order on %s (%j) is signed, sent, mined and confirmed once, with the amounts that moved',
  async (venue, over) => {
    const market = await EvmMarket.open();
    try {
      const submitter = await market.submitter();
      const order = await market.newOrder(over, venue);
      const { fill } = await driveOrder([submitter], order);
      expect(fill).toMatchObject({ executedSellAmount: over.sellAmount });
      expect(fill.deviation).toBeUndefined();
      expect(BigInt(fill.executedBuyAmount)).toBeGreaterThanOrEqual(BigInt(order.swap.minBuyAmount));
      expect(await market.executions(order.terms.orderId)).toBe(1);
    } finally {
      await market.close();
    }
  },
);
