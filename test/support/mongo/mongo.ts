/** A separate database for a test, on the server that `mongo-for-tests.ts` found. */
import { randomBytes } from 'node:crypto';
import { describe, test } from '@jest/globals';
import { createConnection, type mongo } from 'mongoose';
import { TEST_URL } from './mongo-for-tests.ts';

const server = process.env[TEST_URL];

/** A suite that needs MongoDB; where there is none, one skipped line that says how to run it. */
export function describeOnMongo(name: string, suite: () => void): void {
  if (server !== undefined) describe(name, suite);
  else {
    describe.skip(name, () => {
      test('needs MongoDB: install mongod, or set MONGODB_URL to a server for tests', () => undefined);
    });
  }
}

/** The URL of a database that no other test uses. */
export function mongoUrl(): string {
  if (server === undefined) throw new Error('there is no MongoDB here: put this into describeOnMongo');
  const url = new URL(server);
  url.pathname = `/fillstream_test_${randomBytes(8).toString('hex')}`;
  return url.href;
}

export async function dropDatabase(url: string): Promise<void> {
  await withDatabase(url, (db) => db.dropDatabase());
}

/** Runs `act` on the database itself, beside the store. */
export async function withDatabase(url: string, act: (db: mongo.Db) => Promise<unknown>): Promise<void> {
  const connection = await createConnection(url).asPromise();
  try {
    if (connection.db === undefined) throw new Error('the connection is not open');
    await act(connection.db);
  } finally {
    await connection.close();
  }
}
