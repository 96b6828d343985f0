import { openForReading } from '../../sqlite/open-file.ts';
import type { Executed } from './ledger.ts';

/**
 * How many swaps the chain has executed for each order, read from its file after the fact. What is still in the
 * mempool counts as well: nothing keeps the chain from executing it.
 * @param file of a simulated submitter
 */
export function readExecutions(file: string): readonly Executed[] {
  const db = openForReading(file, 5_000);
  try {
    return db.prepare<[], Executed>('SELECT order_id AS orderId, count FROM foreseeable_executions').all();
  } finally {
    db.close();
  }
}
