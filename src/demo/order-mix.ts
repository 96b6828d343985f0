/** Draws the demo's orders: most are ordinary; some cannot be filled, expire, are cancelled or are submitted twice. */
import type { Random } from '../runtime/time.ts';
import type { DemoMarket } from './market.ts';

export interface DemoTerms {
  readonly sellToken: string;
  readonly buyToken: string;
  /** Base units. */
  readonly sellAmount: string;
}

export interface DemoOrder {
  readonly body: DemoTerms & {
    readonly slippageBps: number;
    readonly minBuyAmount?: string;
    /** Unix seconds. */
    readonly validTo?: number;
  };
  /** When to cancel the order, after its acceptance. Null: never. */
  readonly cancelAfterMs: number | null;
  /** Whether to repeat the submission with the same key, like a client whose reply was lost. */
  readonly sentTwice: boolean;
}

/** More whole tokens than any venue pays. */
const UNREACHABLE = 10n ** 12n;

const EXPIRES_IN_S = 2;

export function nextDemoOrder(market: DemoMarket, random: Random, nowMs: number): DemoOrder {
  const pair = market.pairs[Math.floor(random() * market.pairs.length)];
  const [sell, buy] = [market.tokens[pair?.[0] ?? ''], market.tokens[pair?.[1] ?? '']];
  if (pair === undefined || sell === undefined || buy === undefined) {
    throw new Error('the market has a pair of tokens that it does not list');
  }
  const units = BigInt(1 + Math.floor(random() * market.units));
  const ordinary = {
    sellToken: pair[0],
    buyToken: pair[1],
    sellAmount: (units * sell.unit).toString(),
    slippageBps: 50,
  };
  const kind = random();
  if (kind < 0.06) {
    return order({ ...ordinary, minBuyAmount: (UNREACHABLE * 10n ** BigInt(buy.decimals)).toString() });
  }
  if (kind < 0.1) return order({ ...ordinary, validTo: Math.ceil(nowMs / 1000) + EXPIRES_IN_S });
  if (kind < 0.22) return { ...order(ordinary), cancelAfterMs: Math.floor(random() * 600) };
  if (kind < 0.3) return { ...order(ordinary), sentTwice: true };
  return order(ordinary);
}

function order(body: DemoOrder['body']): DemoOrder {
  return { body, cancelAfterMs: null, sentTwice: false };
}
