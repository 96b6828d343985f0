/** What a client needs to show amounts and transactions: the chain that orders are swapped on, and its tokens. */
import { z } from 'zod';
import { getRoute, NO_PARAMETERS, type Route } from '../route.ts';

const tokenSchema = z.object({ symbol: z.string(), address: z.string(), decimals: z.number().int() });

const chainViewSchema = z.object({
  execution: z.enum(['chain', 'simulated']),
  /** Null: orders are swapped on no chain, or this server does not know on which. */
  chainId: z.number().int().nullable(),
  /** Blocks on top of the one that holds a swap before the order is confirmed. */
  confirmations: z.number().int().nullable(),
  /** With `{hash}` where the hash of a transaction belongs. */
  explorer: z.string().nullable(),
  /** The newest block, some seconds old at most; null: this server does not know it. */
  head: z.object({ block: z.number().int(), at: z.iso.datetime() }).nullable(),
});

export type ChainView = z.infer<typeof chainViewSchema>;
export type TokenView = z.infer<typeof tokenSchema>;

export type ChainHead = NonNullable<ChainView['head']>;

export interface ChainFacts {
  readonly chain: Omit<ChainView, 'head'>;
  /** Empty where this server does not know them. The first is the wrapped native currency. */
  readonly tokens: readonly TokenView[];
  /** Null: the chain does not answer in time. Left out: this process does not reach it. Never rejects. */
  readonly readHead?: () => Promise<ChainHead | null>;
}

/** @param readFacts asked with each request: a private chain gets its tokens when the first worker starts */
export function chainRoutes(readFacts: () => ChainFacts): readonly Route[] {
  return [
    getRoute({
      path: '/api/chain',
      summary: 'Read on which chain orders are swapped',
      access: 'public',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: chainViewSchema },
      errors: [],
      handle: async () => {
        const { chain, readHead } = readFacts();
        return { status: 200, body: { ...chain, head: (await readHead?.()) ?? null } };
      },
    }),

    getRoute({
      path: '/api/tokens',
      summary: 'List the tokens that are traded, with their decimals',
      access: 'public',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      errors: [],
      handle: () => Promise.resolve({ status: 200, body: { tokens: readFacts().tokens } }),
    }),
  ];
}
