/**
 * What owners sold on a day. MongoDB deletes by itself what is too old. SQLite has no such file: its migrations.ts has all
 * tables.
 */
import { Schema, type Connection, type Model } from 'mongoose';
import { KEPT_DAYS } from '../../day-totals.ts';
import { strict } from '../strict.ts';

export interface DayTotalDocument {
  readonly _id: string;
  /** When the day began. */
  readonly day: Date;
  /** Base units, in decimal: more than any number of MongoDB holds exactly. */
  readonly total: string;
  /** Counts the changes: what a change is guarded by. */
  readonly revision: number;
  /** What the last change added, until it is among the additions. */
  readonly last: readonly string[];
}

export interface DayAdditionDocument {
  readonly _id: string;
  readonly day: Date;
}

export interface DayCollections {
  readonly totals: Model<DayTotalDocument>;
  readonly additions: Model<DayAdditionDocument>;
}

const expiry = { name: 'forgotten', expireAfterSeconds: (1 + KEPT_DAYS) * 86_400 };

export function dayCollections(connection: Connection): DayCollections {
  const total = new Schema<DayTotalDocument>(
    { _id: String, day: Date, total: String, revision: Number, last: [String] },
    { ...strict, collection: 'day_totals' },
  );
  const addition = new Schema<DayAdditionDocument>(
    { _id: String, day: Date },
    { ...strict, collection: 'day_additions' },
  );
  for (const schema of [total, addition]) schema.index({ day: 1 }, expiry);
  return {
    totals: connection.model<DayTotalDocument>('DayTotal', total),
    additions: connection.model<DayAdditionDocument>('DayAddition', addition),
  };
}
