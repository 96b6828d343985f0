import { afterAll, beforeAll } from '@jest/globals';
import { venueContract } from '../../contracts/venue.contract.ts';
import { ask } from '../routing/asking.ts';
import { LocalMarket } from './local-market.ts';
import { orderTerms } from '../order-terms.ts';

let market: LocalMarket;
beforeAll(async () => {
  market = await LocalMarket.open();
});
afterAll(async () => {
  // An aborted request may still be on its way: when this one is answered, it has arrived.
  for (const { name } of market.chain.exchanges) await market.venue(name).quote(orderTerms('last'), ask());
  await market.close();
});

for (const [name, untradable] of [
  ['alpha-v2', { sellToken: 'WETH', buyToken: 'weth' }],
  ['beta-v2', { buyToken: 'WBTC' }],
  ['gamma-v3', { buyToken: 'WBTC' }],
] as const) {
  venueContract(`${name} on a real chain`, () =>
    Promise.resolve({
      venue: market.venue(name),
      tradable: orderTerms('a'.repeat(32)),
      untradable: orderTerms('b'.repeat(32), untradable),
      signer: market.signer.address,
    }),
  );
}
