/** A new database on the server of MONGODB_URL. */
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mongoose';
import { OperatorError } from '../src/operator-error.ts';

export interface OwnDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** @throws OperatorError when MONGODB_URL names no server */
export function ownDatabase(server: string | undefined): OwnDatabase {
  if (server === undefined || server === '') {
    throw new OperatorError(
      'MONGODB_URL is not set: expected a server, on which a temporary database is measured',
    );
  }
  const url = new URL(server);
  url.pathname = `/fillstream_bench_${randomBytes(6).toString('hex')}`;
  return {
    url: url.href,
    async drop() {
      const connection = await createConnection(url.href).asPromise();
      await connection.dropDatabase();
      await connection.close();
    },
  };
}
