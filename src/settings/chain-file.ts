/** CHAIN_FILE: the tokens and exchanges of the chain behind RPC_URL. */
import { isAddress, type Address } from 'viem';
import { z } from 'zod';
import { NATIVE_COIN } from '../../machines/native-coin.ts';
import { OperatorError } from '../operator-error.ts';
import { readJsonFile } from './json-file.ts';

const ADDRESS_EXPECTED =
  'expected an address (0x and 40 hex digits) with a valid EIP-55 checksum, or all in lower case';

/** A template literal, because it has a JSON Schema and is typed as an `Address`. */
const address = z
  .templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{40}$/)], ADDRESS_EXPECTED)
  .refine((text): text is Address => isAddress(text), ADDRESS_EXPECTED);

const exchange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('uniswap-v2'), name: z.string(), factory: address, router: address }),
  z.object({
    kind: z.literal('uniswap-v3'),
    name: z.string(),
    factory: address,
    router: address,
    /** 2: SwapRouter02. */
    routerVersion: z.union([z.literal(1), z.literal(2)]).optional(),
    quoter: address,
    positionManager: address,
    /** The fee tiers that have pools, in 1/1,000,000 of the amount sold. */
    fees: z.array(z.number().int()),
  }),
]);

/** The tokens and exchanges of a chain. */
export const marketSchema = z.object({
  /** For editors: where the JSON Schema of the file is. */
  $schema: z.string().optional(),
  chainId: z.number().int(),
  multicall3: address,
  /** The first is the wrapped native currency. */
  tokens: z.array(z.object({ symbol: z.string(), address, decimals: z.number().int() })),
  /** Symbol of the chain's own coin. Left out: that of the first token without its W. Null: orders cannot name the coin. */
  nativeSymbol: z.string().min(1).nullable().optional(),
  exchanges: z.array(exchange),
  /** On rollups of the OP stack: the contract that tells what a transaction's data costs, 0x42…0F. */
  l1FeeOracle: address.optional(),
  /** Where people look at a transaction; `{hash}` is replaced by its hash. */
  explorer: z
    .string()
    .regex(
      /^https?:\/\/[^/\s{}]+[^\s{}]*\{hash\}[^\s{}]*$/,
      'expected an address with {hash} in it, like https://etherscan.io/tx/{hash}',
    )
    .optional(),
});

export type Market = z.infer<typeof marketSchema>;

/** The chain's own coin, where orders can name it; null: they cannot. */
export function nativeCoinOf({
  tokens,
  nativeSymbol,
}: Pick<Market, 'tokens' | 'nativeSymbol'>): Market['tokens'][number] | null {
  const unwrapped = /^W(.+)$/i.exec(tokens[0]?.symbol ?? '')?.[1];
  const isTaken = tokens.some(({ symbol }) => symbol.toLowerCase() === unwrapped?.toLowerCase());
  const symbol = nativeSymbol === undefined && !isTaken ? unwrapped : nativeSymbol;
  return symbol == null ? null : { symbol, address: NATIVE_COIN, decimals: 18 };
}

/** All that orders can name: the tokens, of which the first is the wrapped coin, and the coin itself. */
export function tradedTokensOf(market: Pick<Market, 'tokens' | 'nativeSymbol'>): Market['tokens'] {
  const coin = nativeCoinOf(market);
  return coin === null ? market.tokens : [...market.tokens, coin];
}

/** All contracts that a market names, in lower case: what is paid to one of them is lost, or anybody's. */
export function contractsOf(market: Omit<Market, 'chainId'>): readonly string[] {
  const { multicall3, l1FeeOracle, tokens, exchanges } = market;
  const ofExchanges = exchanges.flatMap((each) =>
    each.kind === 'uniswap-v2'
      ? [each.factory, each.router]
      : [each.factory, each.router, each.quoter, each.positionManager],
  );
  const oracles = l1FeeOracle === undefined ? [] : [l1FeeOracle];
  return [multicall3, ...oracles, ...tokens.map((token) => token.address), ...ofExchanges].map((each) =>
    each.toLowerCase(),
  );
}

/** @throws OperatorError */
export function readMarket(file: string | undefined): Market {
  if (file === undefined) {
    throw new OperatorError(
      'RPC_URL is set and CHAIN_FILE is not: expected CHAIN_FILE to name a JSON file with chainId, multicall3, tokens and exchanges (docs/how-to/real-chain.md)',
    );
  }
  try {
    const market = marketSchema.parse(readJsonFile(file));
    const twice = namedTwice(market);
    if (twice.length > 0) throw new Error(twice.join('; '));
    return market;
  } catch (error) {
    throw new OperatorError(`CHAIN_FILE is "${file}": ${whyOf(error)}`, { cause: error });
  }
}

/** Orders name tokens by symbol or address, in any case, and venues by name. */
function namedTwice({ tokens, nativeSymbol, exchanges }: Market): readonly string[] {
  const coin = nativeSymbol == null ? [] : [{ symbol: nativeSymbol, address: NATIVE_COIN }];
  const all = [
    ...[...tokens, ...coin].flatMap(({ symbol, address }) => [`tokens: ${symbol}`, `tokens: ${address}`]),
    ...exchanges.map(({ name }) => `exchanges: ${name}`),
  ];
  const seen = new Set<string>();
  return all.flatMap((name) => {
    const key = name.toLowerCase();
    if (seen.has(key)) return [`${name} is named twice: expected each once`];
    seen.add(key);
    return [];
  });
}

function whyOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
