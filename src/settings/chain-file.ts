/** CHAIN_FILE: the tokens and exchanges of the chain behind RPC_URL. */
import { isAddress, type Address } from 'viem';
import { z } from 'zod';
import { OperatorError } from '../operator-error.ts';
import { readJsonFile } from './json-file.ts';

const address = z.custom<Address>(
  (value) => typeof value === 'string' && isAddress(value),
  'expected an address (0x and 40 hex digits) with a valid EIP-55 checksum, or all in lower case',
);

const exchange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('uniswap-v2'), name: z.string(), factory: address, router: address }),
  z.object({
    kind: z.literal('uniswap-v3'),
    name: z.string(),
    factory: address,
    router: address,
    quoter: address,
    positionManager: address,
    /** The fee tiers that have pools, in 1/1,000,000 of the amount sold. */
    fees: z.array(z.number().int()),
  }),
]);

/** The tokens and exchanges of a chain. */
export const marketSchema = z.object({
  chainId: z.number().int(),
  multicall3: address,
  /** The first is the wrapped native currency. */
  tokens: z.array(z.object({ symbol: z.string(), address, decimals: z.number().int() })),
  exchanges: z.array(exchange),
  /** On rollups of the OP stack: the contract that tells what a transaction's data costs, 0x42…0F. */
  l1FeeOracle: address.optional(),
});

export type Market = z.infer<typeof marketSchema>;

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
    return marketSchema.parse(readJsonFile(file));
  } catch (error) {
    throw new OperatorError(`CHAIN_FILE is "${file}": ${whyOf(error)}`, { cause: error });
  }
}

function whyOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
