import { OtherChain, UnknownAccount, type SignerAccount, type SignerAccounts } from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import {
  ACCOUNT_COLUMNS,
  RESERVATION_COLUMNS,
  toHalt,
  toReservation,
  type AccountRow,
  type ReservationRow,
} from './rows.ts';

/** A account with its open reservations; one row without a reservation where none is open. */
export const READ_ACCOUNT_SQL = `SELECT ${ACCOUNT_COLUMNS}, ${RESERVATION_COLUMNS}
  FROM lanes LEFT JOIN slots ON slots.lane_no = lanes.no AND nonce >= base
  WHERE lane = ? ORDER BY nonce`;

export type AccountReservationRow = AccountRow & (ReservationRow | { readonly nonce: null });

export function openSignerAccounts(connection: Connection): SignerAccounts {
  const { db } = connection;
  const insert = db.prepare<{ lane: string; genesis: string; base: number }>(
    `INSERT INTO lanes (lane, genesis, base, next) VALUES (@lane, @genesis, @base, @base)
     ON CONFLICT (lane) DO NOTHING`,
  );
  const select = db.prepare<[string], AccountReservationRow>(READ_ACCOUNT_SQL);
  const setHalted = db.prepare<[string | null, string]>('UPDATE lanes SET halted = ? WHERE lane = ?');

  return {
    async open(accountId, genesis, base) {
      const rows = await connection.write(() => {
        insert.run({ lane: accountId, genesis, base });
        return select.all(accountId);
      });
      const stored = toAccount(accountId, rows);
      if (stored.genesis !== genesis) throw new OtherChain(accountId, stored.genesis, genesis);
      return stored;
    },

    async read(accountId) {
      return toAccount(accountId, await connection.read(() => select.all(accountId)));
    },

    async halt(accountId, halt) {
      const halted = halt === null ? null : JSON.stringify({ code: halt.code, message: halt.message });
      const { changes } = await connection.write(() => setHalted.run(halted, accountId));
      if (changes === 0) throw new UnknownAccount(accountId);
    },
  };
}

export function toAccount(accountId: string, rows: readonly AccountReservationRow[]): SignerAccount {
  const [first] = rows;
  if (first === undefined) throw new UnknownAccount(accountId);
  return {
    accountId,
    genesis: first.genesis,
    base: first.base,
    open: rows.flatMap((row) => (row.nonce === null ? [] : [toReservation(row)])),
    halted: first.halted === null ? null : toHalt(first.halted),
  };
}
