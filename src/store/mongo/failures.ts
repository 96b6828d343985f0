/** What MongoDB's errors mean for the caller of the store. */
import { mongo, Error as MongooseError } from 'mongoose';
import { TimeoutError } from '../../runtime/timeout.ts';
import { StoreUnavailable } from '../ports.ts';

/**
 * Codes of a request that is wrong in itself, so that repeating it cannot help: BadValue, FailedToParse, TypeMismatch,
 * ImmutableField, BSONObjectTooLarge and its like. Whatever else a server answers (no primary, a write concern that was not
 * met, shutting down, an unknown code) is a condition of the server and may pass.
 * https://www.mongodb.com/docs/manual/reference/error-codes/
 */
const DEFECTS: readonly (string | number | undefined)[] = [2, 9, 14, 66, 10334, 17419, 17420];

const DUPLICATE_KEY = 11000;

/** By code alone: the text and `keyPattern` differ between servers. Only `_id` is unique here. */
export function isDuplicateKey(thrown: unknown): boolean {
  return thrown instanceof mongo.MongoServerError && thrown.code === DUPLICATE_KEY;
}

/**
 * Which documents of an unordered insert were there already. Null: there was another error, too. The driver
 * wraps a lost connection in the same class, with no error of any document.
 */
export function duplicates(thrown: unknown): ReadonlySet<number> | null {
  if (!(thrown instanceof mongo.MongoBulkWriteError)) return null;
  const errors = [thrown.writeErrors].flat();
  const isThat = errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
  const isOnly = thrown.result.getWriteConcernError() === undefined;
  return isThat && isOnly ? new Set(errors.map(({ index }) => index)) : null;
}

/**
 * What was thrown, as the store's port says it.
 * @param server names the store in errors, without its password
 */
export function toStoreError(server: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !mayPass(thrown)) return thrown;
  return new StoreUnavailable(`MongoDB at ${server}: ${thrown.name}: ${thrown.message}`, { cause: thrown });
}

function mayPass(thrown: Error): boolean {
  if (thrown instanceof TimeoutError) return true;
  if (thrown instanceof MongooseError.MongooseServerSelectionError) return true;
  if (thrown instanceof mongo.MongoServerError)
    return !isDuplicateKey(thrown) && !DEFECTS.includes(thrown.code);
  // The driver was called wrongly, or was closed meanwhile: both are errors of this class.
  if (thrown instanceof mongo.MongoAPIError) return CLOSED.some((closed) => thrown instanceof closed);
  return thrown instanceof mongo.MongoError;
}

const CLOSED = [mongo.MongoNotConnectedError, mongo.MongoClientClosedError, mongo.MongoTopologyClosedError];
