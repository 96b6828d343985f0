/** What SQLite's errors mean for the caller of the store. */
import { isUnavailable, LockTimeout, sqliteCodeOf } from '../../sqlite/errors.ts';
import { StoreUnavailable } from '../ports.ts';

/** What was thrown, as the store's port says it. */
export function toStoreError(file: string, thrown: unknown): unknown {
  if (thrown instanceof LockTimeout) return new StoreUnavailable(thrown.message, { cause: thrown.cause });
  if (!isUnavailable(thrown)) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new StoreUnavailable(`SQLite file ${file}: ${sqliteCodeOf(thrown)}: ${text}`, { cause: thrown });
}
