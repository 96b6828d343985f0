/** `move`: opens both stores, and locks the data folder during the move. */
import { join } from 'node:path';
import type { Config } from '../../settings/config.ts';
import { dataFiles, openDataDir } from '../../settings/data-dir.ts';
import { DataLock } from '../../embedded/data-lock.ts';
import { moveStore } from '../../move/move-store.ts';
import { openMongoStore } from '../../store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../store/sqlite/open-sqlite-store.ts';
import { OperatorError } from '../../operator-error.ts';

const STORE_KINDS = ['sqlite', 'mongodb'] as const;
export type StoreKind = (typeof STORE_KINDS)[number];

/** @throws OperatorError */
export function readMoveArguments(args: readonly string[]): StoreKind {
  const [option, kind, ...rest] = args;
  const from = STORE_KINDS.find((each) => each === kind);
  if (option === '--from' && from !== undefined && rest.length === 0) return from;
  throw new OperatorError(
    `${['move', ...args].join(' ')}: expected move --from sqlite, or move --from mongodb`,
  );
}

/**
 * @returns whether source and target have the same content now
 * @throws OperatorError
 */
export async function runMove(
  from: StoreKind,
  config: Config,
  print: (line: string) => void,
): Promise<boolean> {
  const { MONGODB_URL: url, DEAD_AFTER_MS: deadAfterMs } = config;
  if (url === undefined)
    throw new OperatorError('MONGODB_URL is not set: expected the server to move to or from');
  const dataDir = openDataDir(config.DATA_DIR);
  const lock = new DataLock(join(dataDir, 'owner.lock'));
  if (!lock.tryTake()) {
    throw new OperatorError(`a Fillstream process uses ${dataDir}: stop it first`);
  }
  const sqlite = await openSqliteStore({ file: dataFiles(dataDir).orders });
  const mongo = await openMongoStore({ url });
  try {
    const stores = from === 'sqlite' ? [sqlite, mongo] : [mongo, sqlite];
    const [source = sqlite, target = mongo] = stores;
    const startedAt = performance.now();
    let printedAt = startedAt;
    const { ledger, orders, isVerified } = await moveStore({
      from: source,
      to: target,
      deadAfterMs,
      progress: (counted) => {
        if (performance.now() - printedAt < 1_000) return;
        printedAt = performance.now();
        const perSecond = (counted.written + counted.same) / ((printedAt - startedAt) / 1_000);
        print(`${counted.written} written, ${counted.same} there already, ${perSecond.toFixed(0)} orders/s`);
      },
    });
    print(`${orders.written} orders written, ${orders.same} were there already`);
    for (const side of ['source', 'target'] as const) {
      print(`${side}  ${orders[side].orders} orders  ${orders[side].digest}`);
      const { accounts, reservations, attempts, digest } = ledger[side];
      print(
        `${side}  ledger: ${accounts} signers, ${reservations} nonces, ${attempts} signed transactions  ${digest}`,
      );
    }
    print(isVerified ? 'Both hold the same.' : 'They differ: the target holds more than the source.');
    return isVerified;
  } finally {
    await Promise.all([sqlite.close(), mongo.close()]);
    lock.release();
  }
}
