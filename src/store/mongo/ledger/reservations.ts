import type { NonceReservations } from '../../ledger.ts';
import { prepareClose } from './close.ts';
import type { Database } from '../database.ts';
import { findReservation } from './find-reservation.ts';
import { prepareTake } from './take.ts';

export function openNonceReservations(database: Database): NonceReservations {
  const { accounts } = database.ledger;

  return {
    take: prepareTake(database),
    find: (accountId, owner) => findReservation(database, accountId, owner),

    async move(accountId, owner, from, to) {
      const { orderId, epoch } = owner;
      for (;;) {
        const { matchedCount } = await database.run(() =>
          accounts.updateOne(
            { _id: accountId, open: { $elemMatch: { orderId, epoch, state: from } } },
            { $set: { 'open.$.state': to } },
          ),
        );
        if (matchedCount === 1) return true;
        const reservation = await findReservation(database, accountId, owner);
        // In `from` only now: it is tried again.
        if (reservation?.state !== from) return reservation?.state === to;
      }
    },

    close: prepareClose(database),
  };
}
