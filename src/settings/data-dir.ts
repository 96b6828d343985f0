import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OperatorError } from '../operator-error.ts';

/** What lies in the data folder. `src/embedded` adds its lock, run file and socket. */
export function dataFiles(dataDir: string) {
  return {
    orders: join(dataDir, 'orders.sqlite'),
    simulatedChain: join(dataDir, 'simulated-chain.sqlite'),
  };
}

/**
 * The folder, made if it is missing, as an absolute path.
 * @throws UserFault when it cannot be made or written to
 */
export function openDataDir(dir: string): string {
  const dataDir = resolve(dir);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK);
    return dataDir;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(
      `DATA_DIR is "${dir}": expected a folder that can be made and written to (${why})`,
      {
        cause: error,
      },
    );
  }
}
