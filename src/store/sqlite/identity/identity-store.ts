import type {
  ApiKeyRecord,
  ApiKeys,
  AuditLog,
  AuditRecord,
  IdentityStore,
  Secrets,
  ShareRecord,
  Shares,
} from '../../identity.ts';
import type { Connection } from '../connection.ts';

export const FIND_KEY_SQL = 'SELECT * FROM api_keys WHERE id = ?';
export const FIND_SHARE_SQL = 'SELECT * FROM shares WHERE id = ?';
export const SHARES_OF_ORDER_SQL = 'SELECT * FROM shares WHERE order_id = ? ORDER BY created_at DESC, id';
export const LIST_AUDIT_SQL = 'SELECT * FROM audit WHERE at < ? ORDER BY at DESC, id LIMIT ?';

export function openIdentityStore(connection: Connection): IdentityStore {
  return {
    keys: openApiKeys(connection),
    shares: openShares(connection),
    secrets: openSecrets(connection),
    audit: openAuditLog(connection),
  };
}

interface ApiKeyRow {
  readonly id: string;
  readonly secret_hash: string;
  readonly owner: string;
  readonly role: string;
  readonly name: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

function keyOf(row: ApiKeyRow): ApiKeyRecord {
  const { id, secret_hash: secretHash, owner, role, name } = row;
  const { created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt } = row;
  return { id, secretHash, owner, role, name, createdAt, expiresAt, revokedAt };
}

function openApiKeys(connection: Connection): ApiKeys {
  const { db } = connection;
  const insert = db.prepare<ApiKeyRecord>(
    `INSERT INTO api_keys (id, secret_hash, owner, role, name, created_at, expires_at, revoked_at)
     VALUES (@id, @secretHash, @owner, @role, @name, @createdAt, @expiresAt, @revokedAt)
     ON CONFLICT (id) DO NOTHING`,
  );
  const find = db.prepare<[string], ApiKeyRow>(FIND_KEY_SQL);
  const list = db.prepare<[], ApiKeyRow>('SELECT * FROM api_keys ORDER BY created_at, id');
  const any = db.prepare<[], number>('SELECT 1 FROM api_keys LIMIT 1').pluck();
  const revoke = db.prepare<[number, string]>(
    'UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
  );
  return {
    add: (key) => connection.write(() => void insert.run(key)),
    find: (id) =>
      connection.read(() => {
        const row = find.get(id);
        return row === undefined ? null : keyOf(row);
      }),
    list: () => connection.read(() => list.all().map(keyOf)),
    any: () => connection.read(() => any.get() !== undefined),
    revoke: (id, at) => connection.write(() => revoke.run(at, id).changes > 0),
  };
}

interface ShareRow {
  readonly id: string;
  readonly order_id: string;
  readonly owner: string;
  readonly key_id: string | null;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
}

function shareOf(row: ShareRow): ShareRecord {
  const { id, order_id: orderId, owner, key_id: keyId } = row;
  const { created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt } = row;
  return { id, orderId, owner, keyId, createdAt, expiresAt, revokedAt };
}

function openShares(connection: Connection): Shares {
  const { db } = connection;
  const insert = db.prepare<ShareRecord>(
    `INSERT INTO shares (id, order_id, owner, key_id, created_at, expires_at, revoked_at)
     VALUES (@id, @orderId, @owner, @keyId, @createdAt, @expiresAt, @revokedAt)
     ON CONFLICT (id) DO NOTHING`,
  );
  const find = db.prepare<[string], ShareRow>(FIND_SHARE_SQL);
  const ofOrder = db.prepare<[string], ShareRow>(SHARES_OF_ORDER_SQL);
  const revoke = db.prepare<[number, string, string]>(
    'UPDATE shares SET revoked_at = ? WHERE id = ? AND order_id = ? AND revoked_at IS NULL',
  );
  return {
    add: (share) => connection.write(() => void insert.run(share)),
    find: (id) =>
      connection.read(() => {
        const row = find.get(id);
        return row === undefined ? null : shareOf(row);
      }),
    ofOrder: (orderId) => connection.read(() => ofOrder.all(orderId).map(shareOf)),
    revoke: (orderId, id, at) =>
      connection.write(() => {
        revoke.run(at, id, orderId);
        const row = find.get(id);
        return row?.order_id === orderId ? shareOf(row) : null;
      }),
  };
}

function openSecrets(connection: Connection): Secrets {
  const { db } = connection;
  const insert = db.prepare<[string, string]>(
    'INSERT INTO secrets (name, secret) VALUES (?, ?) ON CONFLICT (name) DO NOTHING',
  );
  const select = db.prepare<[string], string>('SELECT secret FROM secrets WHERE name = ?').pluck();
  return {
    keep: (name, drawn) =>
      connection.write(() => {
        insert.run(name, drawn);
        return select.get(name) ?? drawn;
      }),
  };
}

interface AuditRow extends Omit<AuditRecord, 'keyId'> {
  readonly key_id: string | null;
}

function openAuditLog(connection: Connection): AuditLog {
  const { db } = connection;
  const insert = db.prepare<AuditRecord>(
    `INSERT INTO audit (id, at, owner, role, name, key_id, action, subject)
     VALUES (@id, @at, @owner, @role, @name, @keyId, @action, @subject)
     ON CONFLICT (id) DO NOTHING`,
  );
  const list = db.prepare<[number, number], AuditRow>(LIST_AUDIT_SQL);
  return {
    append: (record) => connection.write(() => void insert.run(record)),
    list: (limit, before) =>
      connection.read(() =>
        list
          .all(before ?? Number.MAX_SAFE_INTEGER, limit)
          .map(({ key_id: keyId, id, at, owner, role, name, action, subject }) => ({
            id,
            at,
            owner,
            role,
            name,
            keyId,
            action,
            subject,
          })),
      ),
  };
}
