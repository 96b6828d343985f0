/** Moves what owners have sold on the days that are kept. A limit by day still holds after a move: it counts the same or more. */
import { MAX_AMOUNT } from '../../machines/amount.ts';
import type { DayTotals } from '../store/day-totals.ts';

export async function moveDayTotals(from: Pick<DayTotals, 'all'>, to: Pick<DayTotals, 'add'>): Promise<void> {
  for (const { total: amount, ...account } of await from.all()) {
    // The same total is added once, however often the move is repeated.
    await to.add(account, { id: `moved/${amount}`, amount, most: MAX_AMOUNT });
  }
}
