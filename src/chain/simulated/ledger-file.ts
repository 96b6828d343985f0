/** The file that stands for the chain and for the signer's ledger: the record, outside of the orders, of what executed. */
import type Database from 'better-sqlite3';
import { openDurableFile } from '../../sqlite/open-file.ts';

export type LedgerFile = Database.Database;

/**
 * Reservations are stored as `slots`, their name since the first release, so that an older release may use the file, too.
 *
 * `mined` has a nonce as its key because that is all that a chain forbids: one nonce executes one transaction. Two nonces
 * that execute for one order are two executions, and the view `executions` counts them.
 */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS chain (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  genesis INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS slots (
  order_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  signer TEXT NOT NULL,
  nonce INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('reserved', 'armed', 'cancelling', 'void', 'closed')),
  PRIMARY KEY (order_id, epoch),
  UNIQUE (signer, nonce)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS transactions (
  signer TEXT NOT NULL,
  nonce INTEGER NOT NULL,
  hash TEXT NOT NULL,
  order_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('swap', 'cancel')),
  fee INTEGER NOT NULL,
  bytes TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('signed', 'pending', 'stuck', 'dropped', 'settled')),
  sent_at INTEGER,
  sell_amount TEXT NOT NULL,
  min_buy_amount TEXT NOT NULL,
  quoted_buy_amount TEXT NOT NULL,
  deadline INTEGER NOT NULL,
  PRIMARY KEY (signer, nonce, hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS transactions_pending ON transactions (sent_at) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS mined (
  signer TEXT NOT NULL,
  nonce INTEGER NOT NULL,
  hash TEXT NOT NULL,
  order_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('success', 'reverted')),
  revert_reason TEXT,
  executed_sell_amount TEXT NOT NULL,
  executed_buy_amount TEXT NOT NULL,
  block INTEGER NOT NULL,
  mined_at INTEGER NOT NULL,
  PRIMARY KEY (signer, nonce)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dealt_faults (
  order_id TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  operation TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (order_id, epoch, operation)
) WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS executions AS
  SELECT order_id, count(*) AS count, group_concat(hash) AS hashes
  FROM mined WHERE kind = 'swap' AND status = 'success'
  GROUP BY order_id;
CREATE VIEW IF NOT EXISTS foreseeable_executions AS
  SELECT order_id, count(*) AS count FROM (
    SELECT order_id FROM mined WHERE kind = 'swap' AND status = 'success'
    UNION ALL
    SELECT order_id FROM transactions AS swap
    WHERE kind = 'swap' AND state = 'pending' AND fee = (
      SELECT max(fee) FROM transactions AS rival
      WHERE rival.signer = swap.signer AND rival.nonce = swap.nonce AND rival.state = 'pending'
    )
  ) GROUP BY order_id;
`;

/** Only while the file is opened may a lock of another process block the event loop. */
const OPENING_LIMIT_MS = 5_000;

/** Opens the file, or makes it; several processes may hold it open. @param now Unix milliseconds, the genesis of a new one */
export function openLedgerFile(
  file: string,
  now: number,
): { readonly db: LedgerFile; readonly genesis: number } {
  const prepare = (db: LedgerFile): number =>
    db
      .transaction(() => {
        db.exec(SCHEMA);
        db.prepare('INSERT OR IGNORE INTO chain (id, genesis) VALUES (1, ?)').run(now);
        return db.prepare<[], { genesis: number }>('SELECT genesis FROM chain').get()?.genesis ?? now;
      })
      .immediate();
  const { db, prepared: genesis } = openDurableFile(file, prepare, { waitMs: OPENING_LIMIT_MS });
  return { db, genesis };
}
