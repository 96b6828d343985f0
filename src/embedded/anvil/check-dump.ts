/**
 * Checks whether anvil can continue from a dump. anvil reads blocks, transactions and accounts one after the other while it
 * mines. So a dump may hold the changed accounts of a block without its transactions. A chain that starts from such a dump has
 * used nonces without receipts.
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { z } from 'zod';
import { LEAST_BLOCKS_KEPT } from './anvil-child.ts';

/** `torn`: readable but inconsistent. */
export type DumpState = 'whole' | 'torn' | 'unreadable';

const quantity = z.union([z.number(), z.string().transform(Number)]);

/** The compared part of a dump. */
const schema = z.object({
  best_block_number: quantity,
  block: z.object({ number: quantity }),
  accounts: z.record(z.string(), z.object({ nonce: quantity, code: z.string() })),
  blocks: z.array(z.object({ header: z.object({ number: quantity }) })),
  transactions: z.array(
    z.object({ block_number: quantity, info: z.object({ from: z.string(), nonce: quantity }) }),
  ),
});

type Dump = z.infer<typeof schema>;

/** Close to the limit of a JavaScript string. */
const LARGEST_PARSED = 400_000_000;

export function checkDump(file: string): DumpState {
  try {
    if (statSync(file).size > LARGEST_PARSED) return endsWhole(file) ? 'whole' : 'unreadable';
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    // Another version of anvil may have another format. Then anvil itself checks it.
    return !parsed.success || isAtOneBlock(parsed.data) ? 'whole' : 'torn';
  } catch {
    return 'unreadable';
  }
}

function isAtOneBlock({ best_block_number: best, block, blocks, transactions, accounts }: Dump): boolean {
  const last = blocks.reduce((highest, { header }) => Math.max(highest, header.number), 0);
  if (block.number !== best || last !== best) return false;
  const next = new Map<string, number>();
  for (const { block_number: number, info } of transactions) {
    if (number > best) return false;
    const from = info.from.toLowerCase();
    next.set(from, Math.max(next.get(from) ?? 0, info.nonce + 1));
  }
  // A contract's nonce counts its creations. Other nonces count sent transactions, and a long chain drops the oldest of them.
  const isLong = best > LEAST_BLOCKS_KEPT;
  return Object.entries(accounts).every(([address, { nonce, code }]) => {
    const after = next.get(address.toLowerCase()) ?? (isLong ? nonce : 0);
    return code !== '0x' || nonce === after;
  });
}

function endsWhole(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(descriptor, last, 0, 1, statSync(file).size - 1);
    return last.toString() === '}';
  } finally {
    closeSync(descriptor);
  }
}
