/** The orders of the demo: mostly ordinary ones, among them some that cannot succeed, expire, are taken back or sent twice. */
import type { Random } from '../time.ts';

export interface DemoOrder {
  readonly body: Readonly<Record<string, unknown>>;
  /** Null: let it run. Else cancel it this long after it was accepted. */
  readonly cancelAfterMs: number | null;
  /** Whether the submission is repeated with the same key, as a client does after a lost reply. */
  readonly sentTwice: boolean;
}

const PAIRS = [
  ['WETH', 'USDC', 18],
  ['WETH', 'DAI', 18],
  ['WBTC', 'USDC', 8],
  ['USDC', 'WETH', 6],
  ['UNI', 'WETH', 18],
  ['DAI', 'WBTC', 18],
] as const;

/** One more than any venue would ever pay. */
const UNREACHABLE = '1' + '0'.repeat(40);

const EXPIRES_IN_S = 2;

export function nextDemoOrder(random: Random, nowMs: number): DemoOrder {
  const [sellToken, buyToken, decimals] = PAIRS[Math.floor(random() * PAIRS.length)] ?? PAIRS[0];
  const hundredths = BigInt(1 + Math.floor(random() * 500));
  const ordinary = {
    sellToken,
    buyToken,
    sellAmount: (hundredths * 10n ** BigInt(decimals - 2)).toString(),
    slippageBps: 50,
  };
  const kind = random();
  if (kind < 0.06) return order({ ...ordinary, minBuyAmount: UNREACHABLE });
  if (kind < 0.1) return order({ ...ordinary, validTo: Math.ceil(nowMs / 1000) + EXPIRES_IN_S });
  if (kind < 0.22) return { ...order(ordinary), cancelAfterMs: Math.floor(random() * 600) };
  if (kind < 0.3) return { ...order(ordinary), sentTwice: true };
  return order(ordinary);
}

function order(body: DemoOrder['body']): DemoOrder {
  return { body, cancelAfterMs: null, sentTwice: false };
}
