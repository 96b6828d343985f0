/** A database of MONGODB_URL's server that nobody else has. */
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
      'MongoDB is measured on a throw-away database of MONGODB_URL: set it to a server',
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
