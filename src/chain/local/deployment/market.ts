/** The market of the local chain: invented, plausible, and a little different at each exchange, so that routing matters. */

export interface MarketToken {
  readonly symbol: string;
  readonly name: string;
  readonly decimals: number;
}

/** In whole tokens, as decimals: `parseUnits` makes base units of them. */
export interface Liquidity {
  readonly pair: readonly [string, string];
  readonly amounts: readonly [string, string];
}

/** `rangeTicks`: how far from the price the liquidity reaches, in steps of 0.01 %; null: over all prices. */
export interface TieredLiquidity extends Liquidity {
  readonly fee: number;
  readonly tickSpacing: number;
  readonly rangeTicks: number | null;
}

export const WETH: MarketToken = { symbol: 'WETH', name: 'Wrapped Ether', decimals: 18 };

export const TOKENS: readonly MarketToken[] = [
  { symbol: 'USDC', name: 'Local USD Coin', decimals: 6 },
  { symbol: 'DAI', name: 'Local Dai', decimals: 18 },
  { symbol: 'WBTC', name: 'Local Wrapped BTC', decimals: 8 },
];

export const V2_EXCHANGES: readonly { readonly name: string; readonly liquidity: readonly Liquidity[] }[] = [
  {
    name: 'alpha-v2',
    liquidity: [
      { pair: ['WETH', 'USDC'], amounts: ['2000', '6000000'] },
      { pair: ['WETH', 'DAI'], amounts: ['1000', '3000000'] },
      { pair: ['WETH', 'WBTC'], amounts: ['950', '30'] },
    ],
  },
  {
    name: 'beta-v2',
    liquidity: [
      { pair: ['WETH', 'USDC'], amounts: ['600', '1806000'] },
      { pair: ['WETH', 'DAI'], amounts: ['300', '898000'] },
    ],
  },
];

export const V3_EXCHANGE: { readonly name: string; readonly liquidity: readonly TieredLiquidity[] } = {
  name: 'gamma-v3',
  liquidity: [
    { pair: ['WETH', 'USDC'], amounts: ['1500', '4490000'], fee: 3_000, tickSpacing: 60, rangeTicks: null },
    { pair: ['WETH', 'USDC'], amounts: ['100', '300000'], fee: 500, tickSpacing: 10, rangeTicks: 1_000 },
    { pair: ['WETH', 'DAI'], amounts: ['800', '2404000'], fee: 3_000, tickSpacing: 60, rangeTicks: null },
  ],
};

/** What each signer gets, in whole tokens; ether is for gas. */
export const SIGNER_ETHER = '1000';
export const SIGNER_TOKENS: Readonly<Record<string, string>> = {
  WETH: '2000',
  USDC: '6000000',
  DAI: '6000000',
  WBTC: '60',
};

/** What the deployer has for liquidity and for signers, in whole tokens. */
export const DEPLOYER_ETHER = '1000000000';
export const DEPLOYER_WETH = '500000000';
export const TOKEN_SUPPLY = '1000000000000';

/** Unix seconds, far in the future: liquidity may be added at any time. */
export const NO_DEADLINE = 2n ** 64n;
