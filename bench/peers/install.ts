/** The packages of the peers: no dependencies of Fillstream, installed in bench/peers by the first `npm run bench -- --peers`. */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../../src/operator-error.ts';

/** From `dist/bench/peers`, where this module runs. */
export const peersFolder = fileURLToPath(new URL('../../../bench/peers/', import.meta.url));

/** Installs the packages if they are missing or older than the lock file, and compiles the programs. */
export function preparePeers(): void {
  const lock = join(peersFolder, 'package-lock.json');
  const installed = join(peersFolder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    console.log(
      'installing BullMQ, DBOS, Postgres and Restate in bench/peers (some 300 MB). The server of Restate is under the Business Source License 1.1: ' +
        'it is used here for a measurement and is no part of Fillstream',
    );
    run('npm', ['ci', '--no-audit', '--no-fund'], 'its output says why the packages could not be installed');
  }
  run(process.execPath, ['../../node_modules/typescript/bin/tsc', '-p', '.'], 'the programs must compile');
}

function run(command: string, args: readonly string[], otherwise: string): void {
  try {
    execFileSync(command, args, { cwd: peersFolder, stdio: 'inherit' });
  } catch (thrown) {
    throw new OperatorError(`${command} ${args.join(' ')} in ${peersFolder} failed: ${otherwise}`, {
      cause: thrown,
    });
  }
}
