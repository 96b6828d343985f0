/** The tokens and pairs that the demo trades. */

export interface DemoToken {
  readonly decimals: number;
  /** Base units. An order sells a multiple of it. */
  readonly unit: bigint;
}

export interface DemoMarket {
  readonly tokens: Readonly<Record<string, DemoToken>>;
  /** Sell token and buy token. */
  readonly pairs: readonly (readonly [string, string])[];
  /** The size of the largest order, in units. */
  readonly units: number;
}

const token = (decimals: number, unit: bigint): DemoToken => ({ decimals, unit });

export const SIMULATED_MARKET: DemoMarket = {
  tokens: {
    WETH: token(18, 10n ** 16n),
    USDC: token(6, 10n ** 4n),
    DAI: token(18, 10n ** 16n),
    WBTC: token(8, 10n ** 6n),
    UNI: token(18, 10n ** 16n),
  },
  pairs: [
    ['WETH', 'USDC'],
    ['WETH', 'DAI'],
    ['WBTC', 'USDC'],
    ['USDC', 'WETH'],
    ['UNI', 'WETH'],
    ['DAI', 'WBTC'],
  ],
  units: 500,
};

/**
 * For the local chain. One unit of each token is worth 0.005 WETH, and each pair is traded in both directions. So a long demo
 * returns to each pool what it takes, and prices and balances only fluctuate. Few orders in one block move the price by more
 * than their slippage allows.
 */
export const CHAIN_MARKET: DemoMarket = {
  tokens: {
    WETH: token(18, 5n * 10n ** 15n),
    USDC: token(6, 15n * 10n ** 6n),
    DAI: token(18, 15n * 10n ** 18n),
    WBTC: token(8, 15_800n),
  },
  pairs: [
    ['WETH', 'USDC'],
    ['USDC', 'WETH'],
    ['WETH', 'DAI'],
    ['DAI', 'WETH'],
    ['WETH', 'WBTC'],
    ['WBTC', 'WETH'],
    ['USDC', 'DAI'],
    ['DAI', 'USDC'],
    ['WBTC', 'USDC'],
    ['USDC', 'WBTC'],
  ],
  units: 100,
};
