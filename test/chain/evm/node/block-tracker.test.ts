import { describe, expect, test } from '@jest/globals';
import type { Hash } from 'viem';
import { BlockTracker, type BlockSource } from '../../../../src/chain/evm/node/block-tracker.ts';
import { boundedSignal } from '../../../support/bounded-signal.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Block } from '../../../../src/chain/evm/node/kept-chain.ts';

/** `100a`: height 100 on branch a. */
function hashOf(name: string): Hash {
  return `0x${Buffer.from(name.padEnd(32, '.')).toString('hex')}`;
}

function block(
  number: number,
  branch: string,
  parentBranch = branch,
  transactions: readonly string[] = [],
): Block {
  return {
    number: BigInt(number),
    hash: hashOf(`${number}${branch}`),
    parentHash: hashOf(`${number - 1}${parentBranch}`),
    timestamp: BigInt(number),
    baseFeePerGas: 1n,
    transactions: transactions.map(hashOf),
  };
}

/** Nodes behind one address; `answering` is the one that the next requests reach. */
class Nodes implements BlockSource {
  readonly chains: Record<string, Block[]>;
  answering: string;
  requests = 0;
  looks = 0;

  constructor(chains: Record<string, Block[]>, answering: string) {
    this.chains = chains;
    this.answering = answering;
  }

  get #chain(): readonly Block[] {
    return this.chains[this.answering] ?? [];
  }

  latest(): Promise<Block> {
    this.requests += 1;
    this.looks += 1;
    const last = this.#chain.at(-1);
    return last === undefined ? Promise.reject(new Error('no chain')) : Promise.resolve(last);
  }

  byHash(hash: Hash): Promise<Block | null> {
    this.requests += 1;
    return Promise.resolve(this.#chain.find((each) => each.hash === hash) ?? null);
  }

  byNumber(number: bigint): Promise<Block | null> {
    this.requests += 1;
    return Promise.resolve(this.#chain.find((each) => each.number === number) ?? null);
  }
}

/** Blocks 90 to 99 that both branches have, then those of `branch` up to `to`. */
function chainTo(to: number, branch: string): Block[] {
  return Array.from({ length: to - 89 }, (_, index) => {
    const number = 90 + index;
    return number < 100 ? block(number, '') : block(number, branch, number === 100 ? '' : branch);
  });
}

function watch(nodes: Nodes, kept = 64) {
  const events: string[] = [];
  let now = 0;
  const tracker = new BlockTracker(
    nodes,
    { kept, pollMs: 10 },
    {
      onReorganised: ({ from, depth }) => events.push(`${depth} taken back from ${from}`),
      onContested: ({ head, told }) => events.push(`told of ${told} beside ${head}`),
    },
    () => now,
  );
  /** Each look comes after the pause in which the last answer still counts. */
  const look = () => {
    now += 1_000;
    return tracker.head();
  };
  /** Sees each block of the branch, from the last one that all have in common. */
  const follow = async (branch: string, to: number) => {
    nodes.answering = branch;
    for (let height = 99; height <= to; height += 1) {
      nodes.chains[branch] = chainTo(height, branch);
      await look();
    }
  };
  return { tracker, look, follow, events };
}

describe('two nodes behind one address', () => {
  test('a block on the branch that lost is never deep, however far the other branch grows', async () => {
    const nodes = new Nodes({ a: chainTo(100, 'a'), b: chainTo(100, 'b') }, 'a');
    const { tracker, look } = watch(nodes);
    await look();
    expect(await tracker.placeOf(block(100, 'a', ''))).toEqual({ at: 'chain', depth: 0n });
    nodes.chains['b'] = chainTo(120, 'b');
    nodes.answering = 'b';
    await look();
    expect(await tracker.placeOf(block(100, 'a', ''))).toEqual({ at: 'branch' });
    expect(await tracker.placeOf(block(100, 'b', ''))).toEqual({ at: 'chain', depth: 20n });
  });

  test('a node that hangs on a branch that lost is not followed, and while it answers nothing is concluded', async () => {
    const nodes = new Nodes({ a: chainTo(100, 'a') }, 'b');
    const { tracker, look, follow, events } = watch(nodes);
    await follow('b', 110);
    nodes.answering = 'a';
    expect((await look()).number).toBe(110n);
    expect(await tracker.placeOf(block(100, 'b', ''))).toEqual({ at: 'contested' });
    await look();
    expect(events).toEqual(['told of 100 beside 110']);
    nodes.answering = 'b';
    await look();
    expect(await tracker.placeOf(block(100, 'b', ''))).toEqual({ at: 'chain', depth: 10n });
  });

  test('a node that lags behind contests nothing', async () => {
    const nodes = new Nodes({ slow: chainTo(105, 'b') }, 'b');
    const { tracker, look, follow, events } = watch(nodes);
    await follow('b', 110);
    nodes.answering = 'slow';
    await look();
    expect(await tracker.placeOf(block(100, 'b', ''))).toEqual({ at: 'chain', depth: 10n });
    expect(events).toEqual([]);
  });

  test('a head whose parents the answering node lacks does not become the head', async () => {
    const nodes = new Nodes({ a: chainTo(100, 'a'), b: [block(103, 'b')] }, 'a');
    const { look } = watch(nodes);
    await look();
    nodes.answering = 'b';
    expect((await look()).hash).toBe(hashOf('100a'));
  });
});

test('a chain that went back is followed once nothing else was told for several looks', async () => {
  const nodes = new Nodes({ a: chainTo(104, 'b') }, 'a');
  const { tracker, look, follow, events } = watch(nodes);
  await follow('b', 110);
  nodes.answering = 'a';
  for (let looks = 1; looks < 5; looks += 1) expect((await look()).number).toBe(110n);
  expect((await look()).number).toBe(104n);
  expect(await tracker.placeOf(block(110, 'b'))).toEqual({ at: 'ahead' });
  expect(events).toEqual(['6 taken back from 104']);
});

test('a reorganisation is told, with how many blocks were taken back', async () => {
  const nodes = new Nodes({ b: chainTo(104, 'b') }, 'a');
  const { look, follow, events } = watch(nodes);
  await follow('a', 102);
  nodes.answering = 'b';
  await look();
  expect(events).toEqual(['3 taken back from 100']);
});

test('a block below those that are kept is reached by parent hashes; answers that do not link conclude nothing', async () => {
  const nodes = new Nodes({ a: chainTo(130, 'a'), mixed: chainTo(130, 'a') }, 'a');
  const { tracker, look } = watch(nodes, 4);
  await look();
  expect(await tracker.placeOf(block(95, ''))).toEqual({ at: 'chain', depth: 35n });
  expect(await tracker.placeOf(block(101, 'b'))).toEqual({ at: 'branch' });
  nodes.chains['mixed'] = chainTo(130, 'a').map((each) => (each.number === 110n ? block(110, 'x') : each));
  nodes.answering = 'mixed';
  expect(await tracker.placeOf(block(95, ''))).toEqual({ at: 'contested' });
});

test('a transaction is found in the chain alone, and no longer once its block was taken back', async () => {
  const a = [...chainTo(99, 'a'), block(100, 'a', '', ['swap'])];
  const b = [...chainTo(99, 'b'), block(100, 'b', ''), block(101, 'b', 'b', ['swap'])];
  const nodes = new Nodes({ a, b }, 'a');
  const { tracker, look } = watch(nodes);
  await look();
  expect(tracker.holding(hashOf('swap'))?.hash).toBe(hashOf('100a'));
  nodes.answering = 'b';
  await look();
  expect(tracker.holding(hashOf('swap'))?.hash).toBe(hashOf('101b'));
});

test('those who ask at once share one request, and within the pause there is none', async () => {
  const nodes = new Nodes({ a: chainTo(100, 'a') }, 'a');
  const { tracker, look } = watch(nodes);
  await Promise.all([look(), tracker.head(), tracker.head()]);
  await tracker.head();
  // The first look has nothing to join, and takes the block as it is; another block tells the pace.
  expect(nodes.requests).toBe(2);
});

test('all that wait for a block share one look, and once none waits there is no look', async () => {
  const nodes = new Nodes({ a: chainTo(100, 'a') }, 'a');
  const tracker = new BlockTracker(
    nodes,
    { kept: 64, pollMs: 1 },
    { onReorganised: () => undefined, onContested: () => undefined },
  );
  const { hash } = await tracker.head();
  const stop = new AbortController();
  const waiting = Array.from({ length: 50 }, () => tracker.next(hash, stop.signal));
  const ended = Promise.allSettled(waiting);
  const before = nodes.requests;
  await eventually(
    () => nodes.requests,
    (requests) => requests >= before + 3,
  );
  expect(nodes.looks).toBe(nodes.requests - 1);
  stop.abort(new Error('the orders have ended'));
  await ended;
  const after = nodes.requests;
  const again = tracker.next(hash, boundedSignal('a block'));
  nodes.chains['a'] = chainTo(101, 'a');
  await again;
  expect(nodes.requests - after).toBeLessThanOrEqual(2);
});

test('after a gap that is longer than is read block by block the chain begins anew, without a request for each block', async () => {
  const nodes = new Nodes({ a: chainTo(100, 'a') }, 'a');
  const { tracker, look } = watch(nodes);
  await look();
  nodes.chains['a'] = chainTo(150, 'a').map((each) =>
    each.number === 120n ? { ...each, transactions: [hashOf('swap')] } : each,
  );
  const before = nodes.requests;
  await look();
  expect(nodes.requests - before).toBe(1);
  expect(tracker.holding(hashOf('swap'))).toBeNull();
  expect(tracker.keeps(120n)).toBe(false);
  // What is read to place a block is kept, for all that ask after it.
  expect(await tracker.placeOf(block(120, 'a'))).toEqual({ at: 'chain', depth: 30n });
  expect(tracker.holding(hashOf('swap'))?.number).toBe(120n);
  const placed = nodes.requests;
  expect(await tracker.placeOf(block(125, 'a'))).toEqual({ at: 'chain', depth: 25n });
  expect(nodes.requests).toBe(placed);
});

test('blocks of thousands of transactions are searched without being read again', async () => {
  const names = (number: number) => Array.from({ length: 5_000 }, (_, index) => `${number} ${index}`);
  const a = chainTo(130, 'a').map((each) => ({
    ...each,
    transactions: each.number < 100n ? [] : names(Number(each.number)).map(hashOf),
  }));
  const nodes = new Nodes({ a }, 'a');
  const { tracker, look } = watch(nodes, 16);
  nodes.chains['a'] = a.slice(0, -1);
  await look();
  await tracker.placeOf(block(115, 'a'));
  nodes.chains['a'] = a;
  await look();
  expect(tracker.holding(hashOf('130 4999'))?.number).toBe(130n);
  expect(tracker.holding(hashOf('116 0'))?.number).toBe(116n);
  // Of those that are no longer kept nothing stays.
  expect(tracker.holding(hashOf('100 7'))).toBeNull();
});

test('waiting for the next block ends with it, and with the signal', async () => {
  const nodes = new Nodes({ a: chainTo(100, 'a') }, 'a');
  const tracker = new BlockTracker(
    nodes,
    { kept: 64, pollMs: 1 },
    { onReorganised: () => undefined, onContested: () => undefined },
  );
  const { hash } = await tracker.head();
  const next = tracker.next(hash, new AbortController().signal);
  nodes.chains['a'] = chainTo(101, 'a');
  expect((await next).number).toBe(101n);
  const reason = new Error('the order moved on');
  await expect(tracker.next((await next).hash, AbortSignal.abort(reason))).rejects.toBe(reason);
});
