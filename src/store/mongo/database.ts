import { createConnection, type Connection, type ConnectOptions } from 'mongoose';
import { MicroBatcher } from '../../runtime/micro-batcher.ts';
import { withTimeout } from '../../runtime/timeout.ts';
import { every } from '../../runtime/time.ts';
import { StoreUnavailable } from '../ports.ts';
import { toStoreError } from './failures.ts';
import { openCollections, type Collections } from './schema.ts';
import { StoreClock, type Elapsed } from './store-clock.ts';

/** Changes of one document that this process makes in one write: a request stays of a size that a server is quick with. */
export const CHANGES_PER_WRITE = 100;

export interface DatabaseOptions {
  /** `mongodb://…` or `mongodb+srv://…`, with password and TLS options; without a database's name: `fillstream`. */
  readonly url: string;
  /** Connections that this process opens at most. */
  readonly poolSize: number;
  /** How long a server may take to be found, and to answer. */
  readonly timeoutMs: number;
  readonly elapsed: Elapsed;
}

const READ_CLOCK_MS = 1_000;
/** Bounds how large one command gets, and how long those behind it wait. */
const REQUESTS_PER_BATCH = 64;
/** Two keep the server busy while an answer is read. */
const BATCHES_IN_FLIGHT = 2;
/** How many times its time-out an operation may take: to find a server, and to be answered. */
const PATIENCE = 2;

/** The one way to the server: every operation of the store goes through here, so that none runs after `close`. */
export class Database {
  readonly orders: Collections['orders'];
  readonly orderDocuments: Collections['orderDocuments'];
  readonly workers: Collections['workers'];
  readonly ledger: Collections['ledger'];
  readonly days: Collections['days'];
  readonly identity: Collections['identity'];
  readonly schema: Collections['schema'];
  readonly clock: StoreClock;
  readonly #connection: Connection;
  readonly #server: string;
  readonly #patienceMs: number;
  readonly #running = new Set<Promise<unknown>>();
  readonly #stopClock: () => Promise<void>;
  #closed: Promise<void> | null = null;

  private constructor(
    connection: Connection,
    collections: Collections,
    clock: StoreClock,
    { url, timeoutMs }: DatabaseOptions,
  ) {
    this.#connection = connection;
    this.#patienceMs = PATIENCE * timeoutMs;
    this.orders = collections.orders;
    this.orderDocuments = collections.orderDocuments;
    this.workers = collections.workers;
    this.ledger = collections.ledger;
    this.days = collections.days;
    this.identity = collections.identity;
    this.schema = collections.schema;
    this.clock = clock;
    this.#server = serverName(url);
    this.#stopClock = every(
      READ_CLOCK_MS,
      () => clock.read(() => this.#bounded(() => serverTime(connection))),
      () => undefined,
    );
  }

  /** @throws StoreUnavailable; Error when a newer release wrote the database */
  static async open(options: DatabaseOptions): Promise<Database> {
    const server = serverName(options.url);
    const connection = createConnection();
    // The driver emits every lost connection; the operations that it concerns fail by themselves.
    connection.on('error', () => undefined);
    try {
      await connection.openUri(options.url, connectOptions(options));
      const clock = new StoreClock(options.elapsed);
      await clock.read(() => serverTime(connection));
      return new Database(connection, await openCollections(connection), clock, options);
    } catch (thrown) {
      await connection.close().catch(() => undefined);
      throw toStoreError(server, thrown);
    }
  }

  async run<T>(operation: () => PromiseLike<T>): Promise<T> {
    if (this.#closed !== null) throw new StoreUnavailable(`MongoDB at ${this.#server}: it was closed`);
    const running = this.#bounded(operation);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * The same for requests of one kind, sent together. One that makes its batch fail fails alone, unless the store is unavailable:
   * then the others would wait for nothing.
   * @param send answers in the order of the requests
   * @returns sends one request
   */
  batched<Request, Answer>(
    send: (batch: readonly Request[]) => Promise<readonly Answer[]>,
  ): (request: Request) => Promise<Answer> {
    const batcher = new MicroBatcher<Request, Answer>((batch) => this.#bounded(() => send(batch)), {
      maxBatch: REQUESTS_PER_BATCH,
      maxInFlight: BATCHES_IN_FLIGHT,
      retriesAlone: (thrown) => !(thrown instanceof StoreUnavailable),
    });
    return (request) => this.run(() => batcher.add(request));
  }

  /**
   * Bounds the time of an operation: one that writes to a connection which is closed meanwhile waits forever (mongodb 7.8 waits
   * for `drain`, which a destroyed socket never emits). Its outcome is not known, as after any outage.
   */
  async #bounded<T>(operation: () => PromiseLike<T>): Promise<T> {
    try {
      return await withTimeout(Promise.resolve(operation()), this.#patienceMs, 'its answer');
    } catch (thrown) {
      throw toStoreError(this.#server, thrown);
    }
  }

  /** Writes one document: a server may answer reads while it refuses writes, as without a majority or with a full disk. */
  async checkWrites(): Promise<void> {
    await this.run(async () => {
      const probe = this.#connection.db?.collection<{ readonly _id: string; readonly at: Date }>(
        'write_probe',
      );
      await probe?.updateOne({ _id: 'probe' }, { $currentDate: { at: true } }, { upsert: true });
    });
  }

  /** Waits for what was begun. */
  close(): Promise<void> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<void> {
    await this.#stopClock();
    await Promise.allSettled(this.#running);
    await this.#connection.close();
  }
}

function connectOptions({ url, poolSize, timeoutMs }: DatabaseOptions): ConnectOptions {
  return {
    ...(/^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/.test(url) ? {} : { dbName: 'fillstream' }),
    appName: 'fillstream',
    // An acknowledged write survives the loss of a minority, and what is read was such a write.
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    maxPoolSize: poolSize,
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
    waitQueueTimeoutMS: timeoutMs,
    heartbeatFrequencyMS: 1_000,
    // A command waits for a server as long as `timeoutMs` says, and no longer in a buffer.
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
  };
}

async function serverTime(connection: Connection): Promise<Date> {
  const answer: unknown = await connection.db?.command({ hello: 1 });
  if (
    typeof answer === 'object' &&
    answer !== null &&
    'localTime' in answer &&
    answer.localTime instanceof Date
  ) {
    return answer.localTime;
  }
  throw new StoreUnavailable('MongoDB answered `hello` without its time');
}

/** Hosts and database: what an error may say of the URL. */
function serverName(url: string): string {
  return url.replace(/^mongodb(\+srv)?:\/\/([^@/]*@)?/, '').replace(/\?.*$/, '');
}
