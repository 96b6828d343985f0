/** Real swaps on the embedded chain, with a front-runner. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { parseAmount, printAmount } from '../../machines/amount.ts';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { listTransitions, submitOrder } from '../../src/client/orders.ts';
import { type JournaledMessage, type MessageOf } from '../../src/protocol/messages.ts';
import { eventually } from '../support/eventually.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { ask } from '../venues/routing/asking.ts';
import { asHex } from '../venues/onchain/local-market.ts';
import { orderTerms } from '../venues/order-terms.ts';
import { FrontRunner } from './front-runner.ts';

const ORDER = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1000000000000000000', slippageBps: 50 };
/** Moves the price of each venue by far more than the order's slippage. */
const HUNDRED_WETH = '100000000000000000000';
const CONFIRMATIONS = 2;

let dir: TempDir;
let stack: StackProcess;
let runner: FrontRunner;

beforeEach(async () => {
  dir = tempDir();
  stack = startStack({
    main: MAIN,
    env: {
      ...process.env,
      MONGODB_URL: '',
      DATA_DIR: dir.path,
      LOG_LEVEL: 'warn',
      EXECUTION: 'chain',
      LOCAL_SIGNERS: '1',
      LOCAL_BLOCK_MS: '50',
      CHAIN_POLL_MS: '30',
      CONFIRMATIONS: String(CONFIRMATIONS),
      BACKOFF_BASE_MS: '20',
    },
    port: await freePort(0),
    output: openSync(join(dir.path, 'stack.log'), 'a'),
  });
  await stack.ready(60_000);
  runner = await FrontRunner.open(dir.path);
}, 90_000);
afterEach(async () => {
  await stack.end('SIGTERM');
  dir.remove();
}, 30_000);

async function journalOf(orderId: string): Promise<readonly JournaledMessage[]> {
  const { transitions } = await listTransitions(stack.url, orderId);
  return transitions.map(({ message }) => message);
}

function ofType<Type extends JournaledMessage['type']>(
  journal: readonly JournaledMessage[],
  type: Type,
): readonly MessageOf<Type>[] {
  return journal.filter((message): message is MessageOf<Type> & JournaledMessage => message.type === type);
}

/** Mines blocks until the order has ended. */
async function ended(orderId: string): Promise<readonly JournaledMessage[]> {
  return eventually(
    async () => {
      await runner.mine();
      return journalOf(orderId);
    },
    (journal) => ['confirmed', 'failed', 'cancelled'].includes(journal.at(-1)?.type ?? ''),
    30_000,
  );
}

async function minedTogether(first: string, second: string) {
  await runner.mine();
  const [front, swap] = await Promise.all(
    [first, second].map((hash) => runner.client.getTransactionReceipt({ hash: asHex(hash) })),
  );
  expect(front).toMatchObject({ status: 'success', blockNumber: swap?.blockNumber });
  expect(front?.transactionIndex).toBeLessThan(swap?.transactionIndex ?? 0);
  expect(swap?.status).toBe('reverted');
  return swap?.blockNumber ?? 0n;
}

test('a front-run swap reverts, and when that is final the order is routed again and filled on another venue', async () => {
  const { orderId } = await submitOrder(stack.url, ORDER);
  const swap = await runner.othersSwap();
  const signer = asHex(swap.from);
  const before = {
    weth: await runner.balanceOf('WETH', signer),
    usdc: await runner.balanceOf('USDC', signer),
  };
  const front = await runner.swap(runner.venueAt(swap.to), HUNDRED_WETH);
  const revertedIn = await minedTogether(front, swap.hash);

  await runner.mine(CONFIRMATIONS);
  const next = await runner.othersSwap();
  const journal = await ended(orderId);
  const [, again] = ofType(journal, 'routing').filter(({ quotes }) => quotes !== undefined);
  for (const { block } of again?.quotes ?? []) {
    expect(BigInt(block ?? 0)).toBeGreaterThanOrEqual(revertedIn + BigInt(CONFIRMATIONS));
  }
  expect(ofType(journal, 'routing').map(({ error }) => error?.code)).toContain('slippage');
  const sent = new Map(
    ofType(journal, 'submitted').map(({ transaction, venue }) => [transaction?.hash, { transaction, venue }]),
  );
  expect([...sent.values()]).toMatchObject([
    { transaction: { hash: swap.hash, epoch: 1 }, venue: runner.venueAt(swap.to).name },
    { transaction: { hash: next.hash, epoch: 2 }, venue: runner.venueAt(next.to).name },
  ]);
  expect(next.to).not.toBe(swap.to);

  const [confirmed] = ofType(journal, 'confirmed');
  expect(confirmed).toMatchObject({ transactionHash: next.hash, executedSellAmount: ORDER.sellAmount });
  const receipt = await runner.client.getTransactionReceipt({ hash: asHex(next.hash) });
  expect(receipt).toMatchObject({ status: 'success', blockNumber: BigInt(confirmed?.block ?? 0) });
  const bought = parseAmount(confirmed?.executedBuyAmount ?? '0');
  expect(await runner.balanceOf('WETH', signer)).toBe(before.weth - parseAmount(ORDER.sellAmount));
  expect(await runner.balanceOf('USDC', signer)).toBe(before.usdc + bought);
}, 60_000);

test('a front-run order fails without a swap, with its reason, when no venue pays minBuyAmount any more', async () => {
  const quotes = await Promise.all(runner.venues.map((venue) => venue.quote(orderTerms('a'), ask())));
  const best = quotes.map(({ buyAmount }) => parseAmount(buyAmount)).reduce((a, b) => (a > b ? a : b));
  const minBuyAmount = printAmount((best * 999n) / 1000n);
  const { orderId } = await submitOrder(stack.url, { ...ORDER, minBuyAmount });
  const swap = await runner.othersSwap();
  const signer = asHex(swap.from);
  const before = [await runner.balanceOf('WETH', signer), await runner.balanceOf('USDC', signer)];
  const usedNonces = await runner.client.getTransactionCount({ address: signer });
  const fronts: string[] = [];
  for (const venue of runner.venues) fronts.push(await runner.swap(venue, HUNDRED_WETH));
  await minedTogether(fronts.at(-1) ?? '', swap.hash);

  const journal = await ended(orderId);
  expect(ofType(journal, 'routing').map(({ error }) => error?.code)).toContain('slippage');
  expect(ofType(journal, 'retry').at(-1)?.error.code).toBe('no_route');
  expect(journal.at(-1)).toMatchObject({
    type: 'failed',
    reason: { code: 'no_route', message: expect.stringContaining(`demands at least ${minBuyAmount}`) },
  });
  expect([await runner.balanceOf('WETH', signer), await runner.balanceOf('USDC', signer)]).toEqual(before);
  expect(await runner.client.getTransactionCount({ address: signer })).toBe(usedNonces + 1);
}, 60_000);
