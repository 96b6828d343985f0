import type { Config } from '../../settings/config.ts';
import type { PassCrashPoint } from '../../crash-points.ts';
import { dataFiles } from '../../settings/data-dir.ts';
import type { Store } from '../../store/ports.ts';
import { openSqliteStore } from '../../store/sqlite/open-sqlite-store.ts';
import { OperatorError } from '../../operator-error.ts';

/** @throws OperatorError when the store does not answer, is of a newer release, or is not a database */
export async function openStore(
  config: Config,
  dataDir: string,
  passCrashPoint: PassCrashPoint,
): Promise<Store> {
  const { MONGODB_URL: url, MONGODB_POOL_SIZE: poolSize, MONGODB_TIMEOUT_MS: timeoutMs } = config;
  try {
    if (url !== undefined) {
      // Loading mongoose takes a sixth of the time of a start.
      const { openMongoStore } = await import('../../store/mongo/open-mongo-store.ts');
      return await openMongoStore({ url, poolSize, timeoutMs, passCrashPoint });
    }
    return await openSqliteStore({ file: dataFiles(dataDir).orders, passCrashPoint });
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
