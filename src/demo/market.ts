/** What the demo trades. */

export interface DemoToken {
  readonly decimals: number;
  /** Orders sell whole multiples of it, in base units. */
  readonly unit: bigint;
}

export interface DemoMarket {
  readonly tokens: Readonly<Record<string, DemoToken>>;
  /** What is sold, and for what. */
  readonly pairs: readonly (readonly [string, string])[];
  /** The largest order, in units. */
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
 * The local chain's. A unit of each token is worth 0.005 WETH, and each pair goes both ways: what a long demo takes out of a
 * pool it brings back, so that prices and the signers' balances only stagger. Few orders in one block move a pool by more
 * than they tolerate.
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
