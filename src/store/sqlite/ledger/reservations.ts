import { noReservation } from '../../ledger-defects.ts';
import {
  UnknownAccount,
  type Closing,
  type ReservationOwner,
  type NonceReservations,
  type Taken,
} from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import { selectReservationOf } from './find-reservation.ts';
import { toHalt, toReservation } from './rows.ts';

/** The account now begins at its first reservation that is not closed. */
export const SHED_SQL = `UPDATE lanes SET base = coalesce(
    (SELECT min(nonce) FROM slots WHERE lane_no = lanes.no AND nonce >= lanes.base AND state <> 'closed'),
    next)
  WHERE no = ?`;

export function openNonceReservations(connection: Connection): NonceReservations {
  const { db } = connection;
  const slotOf = selectReservationOf(db);
  const insert = db.prepare<[number, number, string, number, string | null]>(
    `INSERT INTO slots (lane_no, nonce, order_id, epoch, state, spends) VALUES (?, ?, ?, ?, 'reserved', ?)`,
  );
  const lengthen = db.prepare<[number]>('UPDATE lanes SET next = next + 1 WHERE no = ?');
  const setState = db.prepare<[string, number]>('UPDATE slots SET state = ? WHERE no = ?');
  const setClosed = db.prepare<[string, number]>(
    `UPDATE slots SET state = 'closed', outcome = ? WHERE no = ? AND state <> 'closed'`,
  );
  const retireClosed = db.prepare<[number]>(SHED_SQL);

  return {
    async take(accountId, owner, { window, spends }) {
      const { orderId, epoch } = owner;
      const spendsJson =
        spends === null ? null : JSON.stringify({ token: spends.token, amount: spends.amount });
      const taken = await connection.write((): Taken | null => {
        const found = slotOf(accountId, owner);
        if (found === null) return null;
        const { accountRow, reservationRow } = found;
        if (reservationRow !== null) return { outcome: 'taken', reservation: toReservation(reservationRow) };
        if (accountRow.halted !== null) return { outcome: 'halted', halt: toHalt(accountRow.halted) };
        if (accountRow.next - accountRow.base >= window) return { outcome: 'full' };
        const nonce = accountRow.next;
        insert.run(accountRow.lane_no, nonce, orderId, epoch, spendsJson);
        lengthen.run(accountRow.lane_no);
        const reservation = {
          orderId,
          epoch,
          nonce,
          state: 'reserved',
          hashes: [],
          spends,
          outcome: null,
        } as const;
        return { outcome: 'taken', reservation };
      });
      if (taken === null) throw new UnknownAccount(accountId);
      return taken;
    },

    async find(accountId, owner) {
      const found = await connection.read(() => slotOf(accountId, owner));
      if (found === null) throw new UnknownAccount(accountId);
      return found.reservationRow === null ? null : toReservation(found.reservationRow);
    },

    async move(accountId, owner, from, to) {
      const moved = await connection.write(() => {
        const found = slotOf(accountId, owner);
        if (found === null) return null;
        const { reservationRow } = found;
        if (reservationRow?.state === from) setState.run(to, reservationRow.slot_no);
        return reservationRow?.state === from || reservationRow?.state === to;
      });
      if (moved === null) throw new UnknownAccount(accountId);
      return moved;
    },

    async close(accountId, closings) {
      const unknown = await connection.write(() => {
        const missing: ReservationOwner[] = [];
        let closedIn: number | null = null;
        for (const closing of closings) {
          const found = slotOf(accountId, closing);
          if (found === null) return null;
          const { accountRow, reservationRow } = found;
          if (reservationRow === null) missing.push(closing);
          else if (setClosed.run(outcomeJson(closing), reservationRow.slot_no).changes === 1)
            closedIn = accountRow.lane_no;
        }
        if (closedIn !== null) retireClosed.run(closedIn);
        return missing;
      });
      if (unknown === null) throw new UnknownAccount(accountId);
      const [first] = unknown;
      if (first !== undefined) throw noReservation(accountId, first);
    },
  };
}

function outcomeJson({ outcome: { hash, kind, status, block } }: Closing): string {
  return JSON.stringify({ hash, kind, status, block });
}
