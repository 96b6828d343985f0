import { UnknownAccount, type NonceReservations } from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import { prepareClose } from './close.ts';
import { prepareFindReservation } from './find-reservation.ts';
import { toReservation } from './mapping.ts';
import { prepareTake } from './take.ts';

export function openNonceReservations(connection: Connection): NonceReservations {
  const { db } = connection;
  const findReservation = prepareFindReservation(db);
  const setState = db.prepare<[string, number]>('UPDATE slots SET state = ? WHERE no = ?');

  return {
    take: prepareTake(connection),

    async find(accountId, owner) {
      const found = await connection.read(() => findReservation(accountId, owner));
      if (found === null) throw new UnknownAccount(accountId);
      return found.reservationRow === null ? null : toReservation(found.reservationRow);
    },

    async move(accountId, owner, from, to) {
      const moved = await connection.write(() => {
        const found = findReservation(accountId, owner);
        if (found === null) return null;
        const { reservationRow } = found;
        if (reservationRow?.state === from) setState.run(to, reservationRow.reservation_no);
        return reservationRow?.state === from || reservationRow?.state === to;
      });
      if (moved === null) throw new UnknownAccount(accountId);
      return moved;
    },

    close: prepareClose(connection),
  };
}
