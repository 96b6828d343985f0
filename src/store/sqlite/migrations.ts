/**
 * The schema, as the steps that made it. `user_version` counts the steps a file has taken; a step that was released is
 * never edited, only followed by another.
 */
import type Database from 'better-sqlite3';

const MIGRATIONS: readonly string[] = [
  /*
   * orders: small columns first and `state` last, so that deciding about an order reads no overflow page. Neither `status`
   * nor `state` is in an index of open orders, so that most commits touch no index at all: an order enters its
   * partial indexes when it waits (due), runs (worker) or has ended (ended_at), and an ended one leaves the first two.
   *
   * orders_open holds no and ended_at so that it is read in a page's order, and counted without the table.
   *
   * journal: entries are stored in the order of their writing, so that those of one batch share pages, and are found by the
   * order's number, which young orders have near one another (clustered by order, each entry dirtied another page).
   */
  `
  CREATE TABLE orders (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    machine_version INTEGER NOT NULL,
    status TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    commit_id TEXT,
    worker TEXT,
    wake_at INTEGER,
    ended_at INTEGER,
    inbox_length INTEGER NOT NULL DEFAULT 0,
    inbox_done INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    client_order_id TEXT,
    request_hash TEXT NOT NULL,
    held TEXT,
    state TEXT NOT NULL
  ) STRICT;

  CREATE INDEX orders_due ON orders(wake_at) WHERE worker IS NULL AND held IS NULL AND wake_at IS NOT NULL;
  CREATE INDEX orders_running ON orders(worker) WHERE worker IS NOT NULL;
  CREATE INDEX orders_commanded ON orders(worker) WHERE inbox_length > inbox_done;

  CREATE INDEX orders_listed ON orders(owner, created_at);
  CREATE INDEX orders_open ON orders(owner, created_at, no, ended_at) WHERE ended_at IS NULL;
  CREATE INDEX orders_ended ON orders(owner, status, created_at) WHERE ended_at IS NOT NULL;
  CREATE INDEX orders_of_client_id ON orders(owner, client_order_id, created_at)
    WHERE client_order_id IS NOT NULL;
  CREATE INDEX orders_open_of_client_id ON orders(owner, client_order_id, created_at)
    WHERE client_order_id IS NOT NULL AND ended_at IS NULL;
  CREATE INDEX orders_ended_of_client_id ON orders(owner, client_order_id, status, created_at)
    WHERE client_order_id IS NOT NULL AND ended_at IS NOT NULL;

  CREATE TABLE journal (
    no INTEGER PRIMARY KEY,
    order_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    entry TEXT NOT NULL,
    UNIQUE (order_no, seq)
  ) STRICT;

  CREATE TABLE commands (
    order_no INTEGER NOT NULL,
    n INTEGER NOT NULL,
    command_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (order_no, n),
    UNIQUE (order_no, command_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    beat_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  /*
   * The signer's ledger. Accounts and reservations are stored as `lanes` and `slots`, their names since the first release, so
   * that an older release may run beside this one. An account's reservations from `base` to `next` are open, those below have
   * left it; both numbers move only together with the reservations, so that nonces are dense.
   *
   * attempts: in the order of their writing, found by their reservation, like the entries of a journal.
   */
  `
  CREATE TABLE lanes (
    no INTEGER PRIMARY KEY,
    lane TEXT NOT NULL UNIQUE,
    genesis TEXT NOT NULL,
    base INTEGER NOT NULL,
    next INTEGER NOT NULL,
    halted TEXT
  ) STRICT;

  CREATE TABLE slots (
    no INTEGER PRIMARY KEY,
    lane_no INTEGER NOT NULL,
    nonce INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    state TEXT NOT NULL,
    spends TEXT,
    outcome TEXT,
    UNIQUE (lane_no, nonce),
    UNIQUE (order_id, epoch, lane_no)
  ) STRICT;

  CREATE TABLE attempts (
    no INTEGER PRIMARY KEY,
    slot_no INTEGER NOT NULL,
    n INTEGER NOT NULL,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    max_fee_per_gas TEXT NOT NULL,
    max_priority_fee_per_gas TEXT NOT NULL,
    bytes TEXT NOT NULL,
    UNIQUE (slot_no, n)
  ) STRICT;
  `,
  // What owners sold on a day: amounts are larger than an INTEGER. By day first, so that old days go in one piece.
  `
  CREATE TABLE day_totals (
    day TEXT NOT NULL,
    owner TEXT NOT NULL,
    token TEXT NOT NULL,
    total TEXT NOT NULL,
    PRIMARY KEY (day, owner, token)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE day_additions (
    day TEXT NOT NULL,
    owner TEXT NOT NULL,
    token TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (day, owner, token, id)
  ) STRICT, WITHOUT ROWID;
  `,
  /*
   * held_by: the releases that hold an order, as a JSON list. waits_since: when a wait began that is not over yet; one that begins
   * in the future shows that the clock was set back. Both are null for almost all orders, and so are in no index.
   */
  `
  ALTER TABLE orders ADD COLUMN held_by TEXT;
  ALTER TABLE orders ADD COLUMN waits_since INTEGER;
  CREATE INDEX orders_held ON orders(id) WHERE held IS NOT NULL;
  CREATE INDEX orders_waiting ON orders(waits_since) WHERE waits_since IS NOT NULL;
  `,
  // Identities: API keys by the hash of their secret, share links, the secret that signs tickets, and what operators did.
  // write_probe: one row that health checks write, because a full disk is seen by writes alone.
  `
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    owner TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE shares (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    key_id TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX shares_of_order ON shares(order_id, created_at);

  CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    key_id TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX audit_newest ON audit(at);

  CREATE TABLE write_probe (
    no INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT;
  `,
  /*
   * What ended orders are searched by (order-terms.ts names the terms), and how many there are. Only the write that ends an order
   * adds to both. Triggers do it, so that orders which an older release ends beside this one are found and counted, too.
   */
  `
  CREATE TABLE order_terms (
    owner TEXT NOT NULL,
    term TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    order_no INTEGER NOT NULL,
    PRIMARY KEY (owner, term, status, created_at, order_no)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE order_counts (
    owner TEXT NOT NULL,
    status TEXT NOT NULL,
    code TEXT NOT NULL,
    orders INTEGER NOT NULL,
    PRIMARY KEY (owner, status, code)
  ) STRICT, WITHOUT ROWID;

  CREATE VIEW ended_orders AS SELECT no, owner, status, created_at, ended_at,
    lower(json_extract(state, '$.context.terms.sellToken')) AS sell_token,
    lower(json_extract(state, '$.context.terms.buyToken')) AS buy_token,
    coalesce(json_extract(state, '$.context.reason.code'),
      json_extract(state, '$.context.fill.deviation.code'), '') AS code,
    json_extract(state, '$.context.transactions') AS transactions
    FROM orders WHERE ended_at IS NOT NULL;

  CREATE VIEW ended_terms AS
    SELECT no, owner, status, created_at, 'token:' || sell_token AS term FROM ended_orders WHERE sell_token <> ''
    UNION ALL
    SELECT no, owner, status, created_at, 'token:' || buy_token FROM ended_orders WHERE buy_token <> ''
    UNION ALL
    SELECT no, owner, status, created_at, 'pair:' || sell_token || '/' || buy_token FROM ended_orders
      WHERE sell_token <> '' AND buy_token <> ''
    UNION ALL
    SELECT no, owner, status, created_at, 'code:' || code FROM ended_orders WHERE code <> ''
    UNION ALL
    SELECT no, owner, status, created_at, 'tx:' || lower(json_extract(value, '$.hash'))
      FROM ended_orders JOIN json_each(transactions) WHERE json_extract(value, '$.hash') <> '';

  INSERT OR IGNORE INTO order_terms (owner, term, status, created_at, order_no)
    SELECT owner, term, status, created_at, no FROM ended_terms ORDER BY owner, term, status, created_at, no;
  INSERT INTO order_counts (owner, status, code, orders)
    SELECT owner, status, code, count(*) FROM ended_orders GROUP BY owner, status, code;

  CREATE TRIGGER order_ended AFTER UPDATE OF ended_at ON orders WHEN old.ended_at IS NULL AND new.ended_at IS NOT NULL
  BEGIN
    INSERT OR IGNORE INTO order_terms (owner, term, status, created_at, order_no)
      SELECT owner, term, status, created_at, no FROM ended_terms WHERE no = new.no;
    INSERT INTO order_counts (owner, status, code, orders)
      SELECT owner, status, code, 1 FROM ended_orders WHERE no = new.no
      ON CONFLICT (owner, status, code) DO UPDATE SET orders = orders + 1;
  END;

  CREATE TRIGGER ended_order_stored AFTER INSERT ON orders WHEN new.ended_at IS NOT NULL
  BEGIN
    INSERT OR IGNORE INTO order_terms (owner, term, status, created_at, order_no)
      SELECT owner, term, status, created_at, no FROM ended_terms WHERE no = new.no;
    INSERT INTO order_counts (owner, status, code, orders)
      SELECT owner, status, code, 1 FROM ended_orders WHERE no = new.no
      ON CONFLICT (owner, status, code) DO UPDATE SET orders = orders + 1;
  END;
  `,
];

/** Takes the steps that the file lacks, in one transaction: a crash leaves the old schema or the new one. */
export function migrate(db: Database.Database): void {
  if (schemaOf(db) === MIGRATIONS.length) return;
  const takeSteps = db.transaction(() => {
    // Read again: another process may have taken the steps meanwhile.
    const taken = schemaOf(db);
    if (taken > MIGRATIONS.length) {
      throw new Error(
        `${db.name} has schema ${taken}, this release knows 1 to ${MIGRATIONS.length}: run the release that wrote it, or choose another folder with DATA_DIR`,
      );
    }
    for (const step of MIGRATIONS.slice(taken)) db.exec(step);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  });
  takeSteps.immediate();
}

function schemaOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}
