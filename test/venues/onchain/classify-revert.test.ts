/** A row a reason: what each revert of the exchanges' contracts means for the order. */
import { expect, test } from '@jest/globals';
import { encodeErrorResult, parseAbi, zeroAddress } from 'viem';
import { classifyRevert } from '../../../src/venues/onchain/classify-revert.ts';
import { revertReason } from '../../../src/abis/revert.ts';
import { uniswapV2 } from '../../../src/venues/onchain/exchanges/uniswap-v2.ts';
import { uniswapV3 } from '../../../src/venues/onchain/exchanges/uniswap-v3.ts';
import { openVenueClient } from '../../../src/venues/onchain/venue-client.ts';

const client = openVenueClient({ rpcUrl: 'http://127.0.0.1:1', chainId: 1, multicall3: zeroAddress });
const at = { router: zeroAddress, weth: zeroAddress, factory: zeroAddress, quoter: zeroAddress, fees: [500] };
const exchanges = {
  v2: uniswapV2(client, { name: 'v2', ...at }),
  v3: uniswapV3(client, { name: 'v3', ...at }),
};

const ROWS = [
  ['v2', 'UniswapV2Router: EXPIRED', 'fail', 'expired'],
  ['v2', 'UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT', 'reroute', 'slippage'],
  ['v2', 'UniswapV2Library: INSUFFICIENT_LIQUIDITY', 'reroute', 'no_liquidity'],
  ['v2', 'UniswapV2Library: INSUFFICIENT_INPUT_AMOUNT', 'fail', 'amount_too_small'],
  ['v2', 'UniswapV2: INSUFFICIENT_LIQUIDITY', 'reroute', 'no_liquidity'],
  ['v2', 'UniswapV2: INSUFFICIENT_INPUT_AMOUNT', 'reroute', 'unsupported_token'],
  ['v2', 'UniswapV2: INSUFFICIENT_OUTPUT_AMOUNT', 'fail', 'amount_too_small'],
  ['v2', 'UniswapV2: K', 'reroute', 'unsupported_token'],
  ['v2', 'UniswapV2: LOCKED', 'reroute', 'reverted'],
  ['v2', 'UniswapV2: INVALID_TO', 'fail', 'invalid_recipient'],
  ['v2', 'UniswapV2: TRANSFER_FAILED', 'fail', 'invalid_recipient'],
  ['v2', 'TransferHelper: TRANSFER_FROM_FAILED', 'reroute', 'insufficient_funds'],
  ['v2', 'TransferHelper: ETH_TRANSFER_FAILED', 'fail', 'invalid_recipient'],
  ['v2', 'ds-math-add-overflow', 'reroute', 'no_liquidity'],
  ['v2', 'ds-math-mul-overflow', 'reroute', 'no_liquidity'],
  ['v2', 'ds-math-sub-underflow', 'reroute', 'no_liquidity'],
  ['v3', 'Transaction too old', 'fail', 'expired'],
  ['v3', 'Too little received', 'reroute', 'slippage'],
  ['v3', 'STF', 'reroute', 'insufficient_funds'],
  ['v3', 'AS', 'fail', 'amount_too_small'],
  ['v3', 'IIA', 'reroute', 'unsupported_token'],
  ['v3', 'LOK', 'reroute', 'reverted'],
  ['v3', 'SPL', 'reroute', 'no_liquidity'],
  ['v3', 'TF', 'fail', 'invalid_recipient'],
  ['v3', 'STE', 'fail', 'invalid_recipient'],
  ['v3', 'Insufficient WETH9', 'reroute', 'slippage'],
  ['v2', 'toString', 'reroute', 'reverted'],
  ['v3', '', 'reroute', 'reverted'],
] as const;

test.each(ROWS)('%s: "%s" means %s, %s', (name, reason, kind, code) => {
  const failure = classifyRevert(exchanges[name], reason);
  expect(failure).toMatchObject({ kind, code });
  expect(failure.message).toMatch(new RegExp(`^${name} `));
});

test('every row of the exchanges is among these', () => {
  const rows = ROWS.map(([name, reason]) => `${name} ${reason}`);
  for (const { name, reverts } of Object.values(exchanges)) {
    expect(rows).toEqual(expect.arrayContaining(Object.keys(reverts).map((reason) => `${name} ${reason}`)));
  }
});

test.each([
  [encodeErrorResult({ abi: parseAbi(['error Error(string)']), args: ['STF'] }), 'STF'],
  [encodeErrorResult({ abi: parseAbi(['error Panic(uint256)']), args: [0x11n] }), 'Panic(0x11)'],
  ['0xfb8f41b2' + '00'.repeat(96), '0xfb8f41b2'],
  ['0x08c379a0ff', '0x08c379a0'],
  ['0x', ''],
  ['no hex', ''],
])('the reason in %s is "%s"', (data, reason) => {
  expect(revertReason(data)).toBe(reason);
});
