/** What is kept of identities. SQLite has no such file: its migrations.ts has all tables. */
import { Schema, type Connection, type Model } from 'mongoose';
import type { ApiKeyRecord, AuditRecord, ShareRecord } from '../../identity.ts';
import { strict } from '../strict.ts';

export type WithId<Record extends { readonly id: string }> = Omit<Record, 'id'> & { readonly _id: string };

export interface SecretDocument {
  readonly _id: string;
  readonly secret: string;
}

export interface IdentityCollections {
  readonly keys: Model<WithId<ApiKeyRecord>>;
  readonly shares: Model<WithId<ShareRecord>>;
  readonly secrets: Model<SecretDocument>;
  readonly audit: Model<WithId<AuditRecord>>;
}

export function identityCollections(connection: Connection): IdentityCollections {
  const key = new Schema<WithId<ApiKeyRecord>>(
    {
      _id: String,
      secretHash: String,
      owner: String,
      role: String,
      name: String,
      createdAt: Number,
      expiresAt: Number,
      revokedAt: Number,
    },
    { ...strict, collection: 'api_keys' },
  );
  const share = new Schema<WithId<ShareRecord>>(
    {
      _id: String,
      orderId: String,
      owner: String,
      keyId: String,
      createdAt: Number,
      expiresAt: Number,
      revokedAt: Number,
    },
    { ...strict, collection: 'shares' },
  );
  share.index({ orderId: 1, createdAt: -1 }, { name: 'of_order' });
  const secret = new Schema<SecretDocument>(
    { _id: String, secret: String },
    { ...strict, collection: 'secrets' },
  );
  const audit = new Schema<WithId<AuditRecord>>(
    {
      _id: String,
      at: Number,
      owner: String,
      role: String,
      name: String,
      keyId: String,
      action: String,
      subject: String,
    },
    { ...strict, collection: 'audit' },
  );
  audit.index({ at: -1 }, { name: 'newest' });
  return {
    keys: connection.model<WithId<ApiKeyRecord>>('ApiKey', key),
    shares: connection.model<WithId<ShareRecord>>('Share', share),
    secrets: connection.model<SecretDocument>('Secret', secret),
    audit: connection.model<WithId<AuditRecord>>('Audit', audit),
  };
}
