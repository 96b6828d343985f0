import { OtherChain, UnknownAccount, type SignerAccounts } from '../../ledger.ts';
import type { Connection } from '../connection.ts';
import { READ_ACCOUNT_SQL, toAccount, type AccountReservationRow } from './mapping.ts';

export function openSignerAccounts(connection: Connection): SignerAccounts {
  const { db } = connection;
  const insert = db.prepare<{ accountId: string; genesis: string; base: number }>(
    `INSERT INTO lanes (lane, genesis, base, next) VALUES (@accountId, @genesis, @base, @base)
     ON CONFLICT (lane) DO NOTHING`,
  );
  const select = db.prepare<[string], AccountReservationRow>(READ_ACCOUNT_SQL);
  const selectIds = db.prepare<[number], string>('SELECT lane FROM lanes ORDER BY lane LIMIT ?').pluck();
  const setHalted = db.prepare<[string | null, string]>('UPDATE lanes SET halted = ? WHERE lane = ?');

  return {
    async open(accountId, genesis, base) {
      const rows = await connection.write(() => {
        insert.run({ accountId, genesis, base });
        return select.all(accountId);
      });
      const stored = toAccount(accountId, rows);
      if (stored.genesis !== genesis) throw new OtherChain(accountId, stored.genesis, genesis);
      return stored;
    },

    async read(accountId) {
      return toAccount(accountId, await connection.read(() => select.all(accountId)));
    },

    list(limit) {
      return connection.read(() =>
        selectIds.all(limit).map((accountId) => toAccount(accountId, select.all(accountId))),
      );
    },

    async halt(accountId, halt) {
      const halted = halt === null ? null : JSON.stringify({ code: halt.code, message: halt.message });
      const { changes } = await connection.write(() => setHalted.run(halted, accountId));
      if (changes === 0) throw new UnknownAccount(accountId);
    },
  };
}
