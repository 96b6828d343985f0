/**
 * A venue without a chain. Its answers are pure functions of its seed and of the request (order, operation,
 * attempt), so that an effect that is repeated after a crash gets the same answer; only latency takes time.
 */
import { hash } from 'node:crypto';
import { lessBasisPoints, parseAmount, printAmount } from '../../../machines/amount.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Failure, OrderTerms, Quote, Route, UnsignedSwap } from '../../../machines/order/types.ts';
import { untilAborted } from '../../runtime/abort.ts';
import { sleep } from '../../runtime/time.ts';
import type { VenueRequest, BuildRequest, Venue } from '../port.ts';
import { seededDraw } from '../../runtime/seeded-draw.ts';
import { encodeSimulatedSwap } from './simulated-call.ts';
import {
  drawnOutcome,
  scriptedOutcome,
  venueFailure,
  type VenueCall,
  type VenueFailures,
  type VenueScript,
} from './failures.ts';
import { convert, KNOWN_TOKENS, tokenOf, amountWorth, type TokenTable } from './token-prices.ts';

export interface SimulatedVenueSettings {
  readonly name: string;
  readonly seed: string;
  /** What the venue keeps of a swap, in 1/100 of a percent. */
  readonly feeBps: number;
  /** Bounds of the time an answer takes. 0 to 0 answers without a timer. */
  readonly latencyMs: { readonly from: number; readonly to: number };
  readonly failures: VenueFailures;
  /** In place of the drawn failures. */
  readonly script?: VenueScript;
  /** Prices beside the known ones, by symbol in capitals. */
  readonly tokens?: TokenTable;
  /** Symbols that the venue trades; left out: all. */
  readonly lists?: readonly string[];
}

/** A venue differs from the others by up to this much for a pair, and from itself by half of it for each order. */
const SPREAD_BPS = 40;
const GAS_LIMIT = 180_000n;

export function simulatedVenue(settings: SimulatedVenueSettings): Venue {
  const { name, seed } = settings;
  const tokens = { ...KNOWN_TOKENS, ...settings.tokens };
  const address = `0x${hash('sha256', `venue ${name}`, 'hex').slice(0, 40)}`;

  /** Waits as long as the answer takes, then throws if the answer is a failure. */
  async function answer(call: VenueCall, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const latencyMs = latencyOf(settings, call);
    if (latencyMs > 0) await sleep(latencyMs, signal);
    const outcome =
      settings.script === undefined
        ? drawnOutcome(seed, settings.failures, call)
        : scriptedOutcome(settings.script, call);
    if (outcome === 'hang') await untilAborted(new Promise(() => undefined), signal);
    else if (outcome !== 'fill') throw venueFailure(name, outcome);
  }

  function price(terms: OrderTerms, attempt: number): Quote {
    const sell = tokenOf(tokens, terms.sellToken);
    const buy = tokenOf(tokens, terms.buyToken);
    const pairSpread = SPREAD_BPS * seededDraw(seed, name, terms.sellToken, terms.buyToken, 'spread');
    const orderSpread = (SPREAD_BPS / 2) * seededDraw(seed, name, terms.orderId, 'quote', attempt, 'price');
    const atPar = convert(parseAmount(terms.sellAmount), sell, buy);
    const buyAmount = lessBasisPoints(atPar, settings.feeBps + Math.round(pairSpread + orderSpread));
    if (buyAmount <= 0n) throw venueFailure(name, 'noLiquidity');
    const gasMicroDollars = GAS_LIMIT * BigInt(3 + Math.floor(4 * seededDraw(seed, name, 'gas')));
    return {
      venue: name,
      buyAmount: printAmount(buyAmount),
      gasCost: printAmount(amountWorth(gasMicroDollars, buy)),
      gasPriced: true,
      block: null,
    };
  }

  return {
    name,

    async quote(terms: OrderTerms, { asking: attempt, signal }: VenueRequest): Promise<Quote> {
      await answer({ venue: name, orderId: terms.orderId, operation: 'quote', attempt }, signal);
      refuseUnlisted(settings, terms);
      return price(terms, attempt);
    },

    async build(
      terms: OrderTerms,
      route: Route,
      { asking: attempt, signal }: BuildRequest,
    ): Promise<UnsignedSwap> {
      await answer({ venue: name, orderId: terms.orderId, operation: 'build', attempt }, signal);
      refuseUnlisted(settings, terms);
      return {
        venue: name,
        to: address,
        data: encodeSimulatedSwap(
          parseAmount(terms.sellAmount),
          parseAmount(route.minBuyAmount),
          parseAmount(route.buyAmount),
        ),
        value: '0',
        gasLimit: printAmount(GAS_LIMIT),
        minBuyAmount: route.minBuyAmount,
        deadline: terms.validTo,
        spends: null,
      };
    },

    classifyRevert({ reason }): Failure {
      if (reason === 'EXPIRED') {
        return { kind: 'fail', code: 'expired', message: `${name}: validTo had passed when it was mined` };
      }
      if (reason === 'INSUFFICIENT_OUTPUT_AMOUNT') {
        return {
          kind: 'reroute',
          code: 'slippage',
          message: `${name} paid less than minBuyAmount: reverted`,
        };
      }
      // Nothing was swapped, and another venue may succeed.
      return { kind: 'reroute', code: 'reverted', message: `${name} reverted: ${reason}` };
    },
  };
}

function latencyOf({ seed, latencyMs: { from, to } }: SimulatedVenueSettings, call: VenueCall): number {
  if (to <= from) return from;
  return (
    from + (to - from) * seededDraw(seed, call.venue, call.orderId, call.operation, call.attempt, 'latency')
  );
}

function refuseUnlisted({ name, lists }: SimulatedVenueSettings, { sellToken, buyToken }: OrderTerms): void {
  const listed = [sellToken, buyToken].every((token) => lists?.includes(token.toUpperCase()) ?? true);
  if (listed && sellToken.toUpperCase() !== buyToken.toUpperCase()) return;
  throw new EffectError('fail', 'unsupported_pair', `${name} does not trade ${sellToken} for ${buyToken}`);
}
