/** The manifest of what is deployed on the local chain, a file in the data folder for other processes and later starts. */
import { readFileSync } from 'node:fs';
import { isHash, type Hash } from 'viem';
import { z } from 'zod';
import { writeFileAtomically } from '../../runtime/atomic-file.ts';
import { marketSchema } from '../../settings/chain-file.ts';

const schema = marketSchema.extend({
  genesisHash: z.custom<Hash>((value) => typeof value === 'string' && isHash(value)),
});

export type LocalChain = z.infer<typeof schema>;
export type LocalToken = LocalChain['tokens'][number];
export type LocalExchange = LocalChain['exchanges'][number];

/** Null where there is no manifest, or it is not readable. */
export function readLocalChain(file: string): LocalChain | null {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function writeLocalChain(file: string, chain: LocalChain): void {
  writeFileAtomically(file, `${JSON.stringify(chain, null, 2)}\n`);
}
