import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { numberToHex, parseGwei } from 'viem';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { estimateFees } from '../../../src/chain/evm/sign-and-store.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { gasPriceOf } from '../../support/gas-price.ts';
import { EvmWorkbench } from './evm-workbench.ts';

let bench: EvmWorkbench;
let proxy: RpcProxy;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
  proxy = await rpcProxy(bench.market.anvil.rpcUrl);
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  proxy.answer = null;
  proxy.requests.length = 0;
});
afterAll(async () => {
  await proxy.close();
  await bench.close();
});

const answering = (result: unknown) => ({
  status: 200,
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, result }),
});
const refusing = (code: number, message: string) => ({
  status: 200,
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } }),
});

function estimated() {
  return estimateFees(bench.deps({}, { node: openChainNode(proxy.url) }));
}

test('a node that recommends a tip of 490 gwei is believed as far as recent blocks paid', async () => {
  proxy.answer = ({ method }) =>
    method === 'eth_maxPriorityFeePerGas' ? answering(numberToHex(parseGwei('490'))) : null;
  const { maxPriorityFeePerGas } = await estimated();
  expect(maxPriorityFeePerGas).toBe(parseGwei('1'));
});

test('where the node has no record of recent blocks, the setting alone bounds the tip', async () => {
  proxy.answer = ({ method }) => {
    if (method === 'eth_maxPriorityFeePerGas') return answering(numberToHex(parseGwei('490')));
    return method === 'eth_feeHistory' ? refusing(-32601, 'the method does not exist') : null;
  };
  expect((await estimated()).maxPriorityFeePerGas).toBe(parseGwei('30'));
});

test('a node that asks for fewer requests gives no fees: the order waits', async () => {
  proxy.answer = ({ method }) => (method === 'eth_feeHistory' ? refusing(-32005, 'limit exceeded') : null);
  await expect(estimated()).rejects.toMatchObject({ kind: 'wait', code: 'rpc_rate_limited' });
  proxy.answer = null;
  expect((await estimated()).maxFeePerGas).toBeGreaterThan(0n);
});

test('quotes count the price that is then signed, whatever the node says a unit of gas costs', async () => {
  proxy.answer = ({ method }) =>
    method === 'eth_gasPrice' ? answering(numberToHex(parseGwei('4000'))) : null;
  const { baseFeePerGas } = await bench.client.getBlock();
  const { maxPriorityFeePerGas } = await estimated();
  expect(await gasPriceOf(proxy.url)()).toBe((baseFeePerGas ?? 0n) + maxPriorityFeePerGas);
});

test('all that ask at one head share one answer', async () => {
  const node = openChainNode(proxy.url);
  await Promise.all([node.feeMarket(), node.feeMarket()]);
  await node.feeMarket();
  const asked = () => proxy.requests.filter(({ method }) => method === 'eth_feeHistory').length;
  expect(asked()).toBe(1);
  await bench.mine();
  await node.feeMarket();
  expect(asked()).toBe(2);
});
