import { afterAll, beforeAll } from '@jest/globals';
import { submitterContract } from '../../contracts/submitter.contract.ts';
import { EvmMarket } from './evm-market.ts';

let chain: EvmMarket;
beforeAll(async () => {
  chain = await EvmMarket.open();
}, 60_000);
afterAll(() => chain.close());

submitterContract('EVM chain', async () => {
  const market = await chain.onThisChain();
  // The allowance is granted before the first order, which the contract's orders do not wait for.
  const first = await market.submitter();
  await allowed(market, first);
  return {
    connect: () => market.submitter(),
    newOrder: () => market.newOrder(),
    rebuilt: ({ terms, swap }) => market.rebuilt(terms, swap),
    executions: (orderId) => market.executions(orderId),
    storedBytes: () => Promise.resolve(market.storedBytes()),
    close: () => market.close(),
  };
});

async function allowed(
  market: EvmMarket,
  submitter: Awaited<ReturnType<EvmMarket['submitter']>>,
): Promise<void> {
  const { terms, swap } = await market.newOrder();
  const signer = await submitter.assignSigner(terms);
  const execution = {
    signal: new AbortController().signal,
    durable: () => Promise.resolve(),
    report: () => Promise.resolve(),
  };
  for (;;) {
    try {
      const { transaction } = await submitter.sign({ terms, swap, signer, epoch: 1 }, execution);
      const sent = { terms, venue: swap.venue, signer, epoch: 1, transactions: [transaction] };
      await submitter.cancel(sent, execution);
      return;
    } catch (thrown) {
      if (!(thrown instanceof Error) || !('code' in thrown) || thrown.code !== 'allowance_pending')
        throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
