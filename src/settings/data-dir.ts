import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { OperatorError } from '../operator-error.ts';

/** The files in the data folder. `src/embedded` adds its lock, run file and socket. */
export function dataFiles(dataDir: string) {
  return {
    orders: join(dataDir, 'orders.sqlite'),
    simulatedChain: join(dataDir, 'simulated-chain.sqlite'),
  };
}

/** Node's own `recursive` never returns for a folder in `/proc`. */
function makeFolder(folder: string): void {
  if (!existsSync(folder)) {
    makeFolder(dirname(folder));
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      // Another process has made it meanwhile.
      if (!existsSync(folder)) throw error;
    }
  }
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
}

/**
 * Creates the folder if it is missing. @returns its absolute path
 * @throws OperatorError when it cannot be created or written to
 */
export function openDataDir(dir: string): string {
  const dataDir = resolve(dir);
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.W_OK);
    return dataDir;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(
      `DATA_DIR is "${dir}": expected a folder that can be created and written to (${why})`,
      {
        cause: error,
      },
    );
  }
}
