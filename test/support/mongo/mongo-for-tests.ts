/**
 * Jest's global set-up: the MongoDB server that the tests share, each with its own databases. `MONGODB_URL` where it is
 * set; else a `mongod` on the PATH; else one that mongodb-memory-server has or can download. Where none can be had, the
 * suites that need one are skipped, and say how to run them.
 */
import { DryMongoBinary, MongoMemoryReplSet } from 'mongodb-memory-server-core';
import { createConnection } from 'mongoose';

const ANSWERS_WITHIN_MS = 5_000;
const DOWNLOADS = 'https://fastdl.mongodb.org/';
const DOWNLOADS_ANSWER_WITHIN_MS = 3_000;

const SKIPPED =
  'Skipped: the suites that need MongoDB. To run them, put mongod on the PATH, or set MONGODB_URL (and MONGODB_COMMAND, for the fault suite).';

/** How the test files get the server's URL: it is without a database; unset where there is none. */
export const TEST_URL = 'FILLSTREAM_TEST_MONGODB_URL';

let server: MongoMemoryReplSet | null = null;

export default async function findMongo(): Promise<void> {
  const { MONGODB_URL: url = '' } = process.env;
  if (url !== '') {
    await mustAnswer(url);
    process.env[TEST_URL] = url;
    return;
  }
  if (!(await canHaveBinary())) {
    process.stderr.write(`${SKIPPED}\n`);
    return;
  }
  server = await MongoMemoryReplSet.create({ replSet: { count: 1, storageEngine: 'wiredTiger' } });
  process.env[TEST_URL] = server.getUri();
}

export async function stopMongo(): Promise<void> {
  await server?.stop();
}

/** @throws Error that says how to start one */
async function mustAnswer(url: string): Promise<void> {
  const connection = createConnection();
  try {
    await connection.openUri(url, { serverSelectionTimeoutMS: ANSWERS_WITHIN_MS });
  } catch (cause) {
    throw new Error('MONGODB_URL names a server that does not answer: start it, or unset MONGODB_URL', {
      cause,
    });
  } finally {
    await connection.close();
  }
}

async function canHaveBinary(): Promise<boolean> {
  const options = await DryMongoBinary.generateOptions();
  if ((await DryMongoBinary.locateBinary(options)) !== undefined) return true;
  try {
    await fetch(DOWNLOADS, { method: 'HEAD', signal: AbortSignal.timeout(DOWNLOADS_ANSWER_WITHIN_MS) });
    return true;
  } catch {
    return false;
  }
}
