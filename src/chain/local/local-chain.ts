/** What is deployed on the local chain, as it is noted in the data folder for others and for later starts. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAddress, isHash, type Address, type Hash } from 'viem';
import { z } from 'zod';

const address = z.custom<Address>((value) => typeof value === 'string' && isAddress(value));

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

/** What is traded on a chain, and where. */
export const marketSchema = z.object({
  chainId: z.number().int(),
  multicall3: address,
  /** The first is the chain's own coin, wrapped. */
  tokens: z.array(z.object({ symbol: z.string(), address, decimals: z.number().int() })),
  exchanges: z.array(exchange),
});

export type Market = z.infer<typeof marketSchema>;

const schema = marketSchema.extend({
  genesisHash: z.custom<Hash>((value) => typeof value === 'string' && isHash(value)),
});

export type LocalChain = z.infer<typeof schema>;
export type LocalToken = LocalChain['tokens'][number];
export type LocalExchange = LocalChain['exchanges'][number];

/** Null where there is no note, or none that can be read. */
export function readLocalChain(file: string): LocalChain | null {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function writeLocalChain(file: string, chain: LocalChain): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(chain, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
