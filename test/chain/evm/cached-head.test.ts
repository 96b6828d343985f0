import { expect, test } from '@jest/globals';
import { openChainNode, type ChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { withCachedHead } from '../../../src/chain/evm/node/cached-head.ts';

type Head = Awaited<ReturnType<ChainNode['head']>>;

/** Of a node that answers its first question with block 1, its second with block 2; or not. */
function counted(answer: (question: number) => Promise<Head>) {
  let questions = 0;
  let now = 0;
  const node = {
    ...openChainNode('http://127.0.0.1:1'),
    head: () => answer((questions += 1)),
  };
  return {
    shared: withCachedHead(node, 100, () => now),
    at: (ms: number) => (now = ms),
    questions: () => questions,
  };
}

const head = (number: number): Head => ({
  number: BigInt(number),
  hash: `0x${'00'.repeat(32)}`,
  timestamp: 0n,
  baseFeePerGas: 0n,
});

test('all who ask within the time are told the same, of one question', async () => {
  const { shared, at, questions } = counted((question) => Promise.resolve(head(question)));
  expect(await Promise.all([shared.head(), shared.head()])).toEqual([head(1), head(1)]);
  at(99);
  expect(await shared.head()).toEqual(head(1));
  expect(questions()).toBe(1);
  at(100);
  expect(await shared.head()).toEqual(head(2));
});

test('a failure reaches those who waited for it, and the next call asks again', async () => {
  const { shared } = counted((question) =>
    question === 1 ? Promise.reject(new Error('away')) : Promise.resolve(head(question)),
  );
  const answers = await Promise.allSettled([shared.head(), shared.head()]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await shared.head()).toEqual(head(2));
});
