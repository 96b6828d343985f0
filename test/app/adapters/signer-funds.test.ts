/** What operators see that signers have: one look at the node for all that ask, and no failure where it is away. */
import { expect, test } from '@jest/globals';
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import { signerFunds } from '../../../src/app/adapters/signer-funds.ts';
import type { ChainFacts } from '../../../src/http/routes/chain.ts';

const ONE = `0x${'1'.repeat(40)}`;
const OTHER = `0x${'2'.repeat(40)}`;
const WETH = `0x${'a'.repeat(40)}`;
const USDC = `0x${'b'.repeat(40)}`;

const facts: ChainFacts = {
  chain: { execution: 'chain', chainId: 1, confirmations: 3, explorer: null },
  tokens: [
    { symbol: 'WETH', address: WETH, decimals: 18 },
    { symbol: 'USDC', address: USDC, decimals: 6 },
    { symbol: 'ETH', address: NATIVE_COIN, decimals: 18 },
  ],
};

/** Each signer has 100 wei, and of USDC as many units as its place in the list; nothing of WETH. */
function openNode() {
  const asked: string[] = [];
  const node = {
    isAway: false,
    asked,
    balances: (token: string, owners: readonly string[]) => {
      asked.push(token);
      if (node.isAway) return Promise.reject(new Error('no answer'));
      return Promise.resolve(
        owners.map((_, index) => ({ ether: 100n, tokens: token === USDC ? BigInt(index) : 0n })),
      );
    },
  };
  return node;
}

test('ether and the tokens that a signer has some of are told, the coin once', async () => {
  const node = openNode();
  const fundsOf = signerFunds(
    () => ({ node }),
    () => facts,
  );
  expect(await fundsOf([ONE, OTHER])).toEqual(
    new Map([
      [ONE, { ether: '100', tokens: [] }],
      [OTHER, { ether: '100', tokens: [{ token: USDC, amount: '1' }] }],
    ]),
  );
  expect(node.asked).toEqual([NATIVE_COIN, WETH, USDC]);
});

test('however many ask, the node is asked once', async () => {
  const node = openNode();
  const fundsOf = signerFunds(
    () => ({ node }),
    () => facts,
  );
  await Promise.all([fundsOf([ONE]), fundsOf([ONE])]);
  await fundsOf([ONE]);
  expect(node.asked).toHaveLength(3);
  // Of other signers nothing is known yet.
  await fundsOf([ONE, OTHER]);
  expect(node.asked).toHaveLength(6);
});

test('a node that does not answer, and a process without one, know nothing', async () => {
  const node = openNode();
  node.isAway = true;
  const ofAway = signerFunds(
    () => ({ node }),
    () => facts,
  );
  expect(await ofAway([ONE])).toBeNull();
  const ofNone = signerFunds(
    () => null,
    () => facts,
  );
  expect(await ofNone([ONE])).toBeNull();
});
