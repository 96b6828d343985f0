/**
 * What the store keeps of identities: API keys without their secrets, share links, the secret that signs tickets, and the audit
 * records of operators. Nothing is deleted: a key that was revoked stays listed.
 *
 * As with orders: a write resolves only once it is durable, may reject with `StoreUnavailable`, and repeating it is safe.
 * Times are Unix milliseconds.
 */
export interface ApiKeyRecord {
  readonly id: string;
  /** SHA-256 of the secret in hex. The secret itself is stored nowhere. */
  readonly secretHash: string;
  readonly owner: string;
  readonly role: string;
  /** What people call the key. */
  readonly name: string;
  readonly createdAt: number;
  /** Null: it has no end. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export interface ApiKeys {
  add(key: ApiKeyRecord): Promise<void>;
  find(id: string): Promise<ApiKeyRecord | null>;
  /** Oldest first, the revoked ones, too. */
  list(): Promise<readonly ApiKeyRecord[]>;
  /** Whether a key was ever added. */
  any(): Promise<boolean>;
  /** False: there is no such key, or it was revoked before. */
  revoke(id: string, at: number): Promise<boolean>;
}

/** A link that shows one order to people without a key. */
export interface ShareRecord {
  readonly id: string;
  readonly orderId: string;
  readonly owner: string;
  /** The key that made it: it ends with the key. Null: no key. */
  readonly keyId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | null;
}

export interface Shares {
  add(share: ShareRecord): Promise<void>;
  find(id: string): Promise<ShareRecord | null>;
  /** Newest first. */
  ofOrder(orderId: string): Promise<readonly ShareRecord[]>;
  /** Null: there is none of this order. A repetition keeps the first time. */
  revoke(orderId: string, id: string, at: number): Promise<ShareRecord | null>;
}

/** An action of an operator: written when it is asked for, before it is done, so that none is missing. */
export interface AuditRecord {
  readonly id: string;
  readonly at: number;
  readonly owner: string;
  readonly role: string;
  /** The name of the key, or of the token's subject. */
  readonly name: string;
  readonly keyId: string | null;
  /** `cancel`, `retry`, `lift_hold`, `resume_signer`, `create_key`, `revoke_key`. */
  readonly action: string;
  /** An order id, a signer's address, a key's id. */
  readonly subject: string;
}

export interface AuditLog {
  append(record: AuditRecord): Promise<void>;
  /** Newest first. @param before the time of the last record of the page before; null: the newest */
  list(limit: number, before: number | null): Promise<readonly AuditRecord[]>;
}

export interface Secrets {
  /** The secret of this name; the first caller's draw is kept for all. */
  keep(name: string, drawn: string): Promise<string>;
}

export interface IdentityStore {
  readonly keys: ApiKeys;
  readonly shares: Shares;
  readonly secrets: Secrets;
  readonly audit: AuditLog;
}
