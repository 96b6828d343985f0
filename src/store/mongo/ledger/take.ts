/**
 * Takes a reservation by one `$push`. What guards it against a second nonce for one owner is that
 *
 * - none of the open reservations is this owner's;
 * - none of the settled ones was, looked up after an end of the account was read (`base` and as many as are open);
 * - no reservation that was taken since then can have left: `base` is not beyond that end.
 *
 * So a push may arrive at any later time, from a process that was given up long ago. An end that was read earlier guards as well
 * as a fresh one, and is only refused more often: a process remembers the last end, and reads the account where it has none or
 * was refused.
 */
import type { NonceReservation, ReservationOwner, NonceReservations, Taken } from '../../ledger.ts';
import type { Database } from '../database.ts';
import { findSettled } from './find-reservation.ts';
import { readAccount } from './accounts.ts';
import { openReservationOf, type AccountDocument } from './mapping.ts';
import { retireClosed } from './retire-closed.ts';

type Rules = Parameters<NonceReservations['take']>[2];

export function prepareTake(database: Database): NonceReservations['take'] {
  const { accounts } = database.ledger;
  const ends = new Map<string, number>();

  /** Null: refused; the account shows why. */
  async function push(
    accountId: string,
    owner: ReservationOwner,
    rules: Rules,
    end: number,
  ): Promise<NonceReservation | null> {
    const { orderId, epoch } = owner;
    const { window, spends } = rules;
    const reservation = {
      orderId,
      epoch,
      state: 'reserved',
      hashes: [],
      ...(spends === null ? {} : { spends }),
    };
    const after = await database.run(() =>
      accounts
        .findOneAndUpdate(
          {
            _id: accountId,
            base: { $lte: end },
            halted: { $exists: false },
            open: { $not: { $elemMatch: { orderId, epoch } } },
            [`open.${window - 1}`]: { $exists: false },
          },
          { $push: { open: reservation } },
          { returnDocument: 'after' },
        )
        .lean(),
    );
    if (after === null) return null;
    ends.set(accountId, endOf(after));
    return openReservationOf(after, owner);
  }

  return async (accountId, owner, rules): Promise<Taken> => {
    let end = ends.get(accountId);
    for (;;) {
      if (end !== undefined && rules.window > 0) {
        const reservation =
          (await findSettled(database, accountId, owner)) ?? (await push(accountId, owner, rules, end));
        if (reservation !== null) return { outcome: 'taken', reservation };
      }
      const seen = await readAccount(database, accountId);
      const own = openReservationOf(seen, owner);
      if (own !== null) return { outcome: 'taken', reservation: own };
      if (seen.halted !== undefined || seen.open.length >= rules.window) {
        const settled = await findSettled(database, accountId, owner);
        if (settled !== null) return { outcome: 'taken', reservation: settled };
        if (seen.halted !== undefined) return { outcome: 'halted', halt: seen.halted };
        if (seen.open[0]?.state !== 'closed') return { outcome: 'full' };
        // The process that closed it died before it left.
        await retireClosed(database, seen);
      }
      end = endOf(seen);
    }
  };
}

/** The nonce of the next reservation. */
function endOf({ base, open }: AccountDocument): number {
  return base + open.length;
}
