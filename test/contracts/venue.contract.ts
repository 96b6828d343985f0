/** What every venue keeps to, whatever stands behind it. */
import { describe, expect, test } from '@jest/globals';
import { parseAmount } from '../../machines/amount.ts';
import type { OrderTerms, Route } from '../../machines/order/types.ts';
import type { VenueRequest, BuildRequest, Venue } from '../../src/venues/port.ts';

export interface VenueHarness {
  readonly venue: Venue;
  /** An order that the venue can fill now. */
  readonly tradable: OrderTerms;
  /** An order for a pair that the venue does not trade. */
  readonly untradable: OrderTerms;
  /** Has what `tradable` sells. */
  readonly signer: string;
  close?(): Promise<void>;
}

export function venueContract(name: string, make: () => Promise<VenueHarness>): void {
  describe(`venue contract: ${name}`, () => {
    const asked = (): VenueRequest => ({ asking: 1, signal: new AbortController().signal });
    const building = ({ signer }: VenueHarness): BuildRequest => ({ ...asked(), signer });

    async function withVenue(check: (harness: VenueHarness) => Promise<void>): Promise<void> {
      const harness = await make();
      try {
        await check(harness);
      } finally {
        await harness.close?.();
      }
    }

    function routeOf(venue: Venue, buyAmount: string): Route {
      return { venue: venue.name, buyAmount, minBuyAmount: buyAmount, why: 'the only quote' };
    }

    test('a quote is in base units, above 0, and names its venue', () =>
      withVenue(async ({ venue, tradable }) => {
        const quote = await venue.quote(tradable, asked());
        expect(quote.venue).toBe(venue.name);
        expect(parseAmount(quote.buyAmount)).toBeGreaterThan(0n);
        expect(parseAmount(quote.gasCost)).toBeGreaterThanOrEqual(0n);
      }));

    test('asking again changes nothing that the next answer depends on', () =>
      withVenue(async (harness) => {
        const { venue, tradable } = harness;
        const [one, other] = [await venue.quote(tradable, asked()), await venue.quote(tradable, asked())];
        expect(other).toEqual(one);
        const route = routeOf(venue, one.buyAmount);
        expect(await venue.build(tradable, route, building(harness))).toEqual(
          await venue.build(tradable, route, building(harness)),
        );
      }));

    test('a built swap yields the least amount of its route and expires with its order', () =>
      withVenue(async (harness) => {
        const { venue, tradable } = harness;
        const { buyAmount } = await venue.quote(tradable, asked());
        const swap = await venue.build(tradable, routeOf(venue, buyAmount), building(harness));
        expect(swap).toMatchObject({ venue: venue.name, minBuyAmount: buyAmount });
        expect(swap.deadline).toBeLessThanOrEqual(tradable.validTo);
        expect(swap.to).toMatch(/^0x[0-9a-fA-F]{40}$/);
        expect(swap.data).toMatch(/^0x([0-9a-f]{2})*$/);
        expect(parseAmount(swap.gasLimit)).toBeGreaterThan(0n);
        expect(parseAmount(swap.value)).toBeGreaterThanOrEqual(0n);
        if (swap.spends !== null) expect(swap.spends.amount).toBe(tradable.sellAmount);
      }));

    test('what it answers survives being stored as JSON', () =>
      withVenue(async (harness) => {
        const { venue, tradable } = harness;
        const quote = await venue.quote(tradable, asked());
        const swap = await venue.build(tradable, routeOf(venue, quote.buyAmount), building(harness));
        const revert = venue.classifyRevert({ reason: 'EXPIRED' });
        const answers = [quote, swap, revert];
        expect(JSON.parse(JSON.stringify(answers))).toEqual(answers);
      }));

    test('a pair that it does not trade is refused for good', () =>
      withVenue(async ({ venue, untradable }) => {
        await expect(venue.quote(untradable, asked())).rejects.toMatchObject({
          name: 'EffectError',
          kind: 'fail',
          code: 'unsupported_pair',
        });
      }));

    test('an aborted signal ends the request', () =>
      withVenue(async ({ venue, tradable, signer }) => {
        const reason = new Error('the order runs elsewhere');
        const waiting = new AbortController();
        const quote = venue.quote(tradable, { asking: 1, signal: AbortSignal.abort(reason) });
        await expect(quote).rejects.toBe(reason);
        const built = venue.build(tradable, routeOf(venue, '1'), {
          asking: 1,
          signal: waiting.signal,
          signer,
        });
        waiting.abort(reason);
        // An answer that was on its way may still arrive; anything else is the reason.
        expect(
          await built.then(
            () => reason,
            (thrown: unknown) => thrown,
          ),
        ).toBe(reason);
      }));

    test('a revert that it has never seen still means something for the order', () =>
      withVenue(({ venue }) => {
        const failure = venue.classifyRevert({ reason: 'SOMETHING_NEW' });
        expect(['reroute', 'fail']).toContain(failure.kind);
        expect(failure.code).not.toBe('');
        expect(failure.message).not.toBe('');
        return Promise.resolve();
      }));
  });
}
