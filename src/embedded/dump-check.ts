/**
 * Whether a dump of anvil's can be gone on from. anvil reads blocks, transactions and accounts one after the other while it
 * mines: a dump may hold what transactions did to the accounts, and not the transactions. A chain that is begun from such a
 * one has used nonces without receipts, which nobody could ever explain.
 */
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { z } from 'zod';
import { LEAST_BLOCKS_KEPT } from './anvil-child.ts';

/** `torn`: readable, and at odds with itself. */
export type DumpState = 'whole' | 'torn' | 'unreadable';

const quantity = z.union([z.number(), z.string().transform(Number)]);

/** What is compared; all else is anvil's. */
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

/** A string of JavaScript holds little more. */
const MOST_READ = 400_000_000;

export function checkDump(file: string): DumpState {
  try {
    if (statSync(file).size > MOST_READ) return endsWhole(file) ? 'whole' : 'unreadable';
    const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    // Another anvil's dump may look otherwise: whether it can be used, anvil says.
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
  // A contract's nonce counts what it created; anybody else's, what it sent, of which a long chain forgets the oldest.
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
