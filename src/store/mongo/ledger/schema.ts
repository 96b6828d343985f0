/**
 * The ledger's collections. Every query is by `_id`: there is no other index. SQLite has no such file: its migrations.ts has all
 * tables.
 *
 * Accounts are stored in `lanes`, and the account's id in fields `lane`: their names since the first release, so that an older
 * release may run beside this one.
 */
import { Schema, type Connection, type Model } from 'mongoose';
import type { AttemptDocument, AccountDocument, SettledDocument } from './mapping.ts';
import { strict } from '../strict.ts';

export interface LedgerCollections {
  readonly accounts: Model<AccountDocument>;
  readonly settled: Model<SettledDocument>;
  readonly attempts: Model<AttemptDocument>;
}

const part = { _id: false, strict: 'throw' } as const;
const spends = new Schema({ token: String, amount: String }, part);
const outcome = new Schema({ hash: String, kind: String, status: String, block: Number }, part);
const reservation = { orderId: String, epoch: Number, hashes: [String], spends, outcome };

function accountSchema(): Schema<AccountDocument> {
  return new Schema<AccountDocument>(
    {
      _id: String,
      genesis: String,
      base: Number,
      open: [new Schema({ ...reservation, state: String }, part)],
      halted: new Schema({ code: String, message: String }, part),
    },
    { ...strict, collection: 'lanes' },
  );
}

function settledSchema(): Schema<SettledDocument> {
  return new Schema<SettledDocument>(
    { ...reservation, _id: String, lane: String, nonce: Number },
    { ...strict, collection: 'settled' },
  );
}

function attemptSchema(): Schema<AttemptDocument> {
  return new Schema<AttemptDocument>(
    {
      _id: String,
      lane: String,
      orderId: String,
      epoch: Number,
      nonce: Number,
      kind: String,
      bytes: String,
      maxFeePerGas: String,
      maxPriorityFeePerGas: String,
    },
    { ...strict, collection: 'attempts' },
  );
}

export function ledgerCollections(connection: Connection): LedgerCollections {
  return {
    accounts: connection.model<AccountDocument>('SignerAccount', accountSchema()),
    settled: connection.model<SettledDocument>('Settled', settledSchema()),
    attempts: connection.model<AttemptDocument>('Attempt', attemptSchema()),
  };
}
