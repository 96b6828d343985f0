/** A whole stack in a process of its own, on a folder of the test's, with nothing of the environment's Redis or MongoDB. */
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../src/stack-process/free-port.ts';
import { startStack, type StackProcess } from '../../src/stack-process/start-stack.ts';
import { MAIN } from './programs.ts';
import type { TempDir } from './temp-dir.ts';

/** Not ready yet. @param over settings beside those that keep it to itself */
export async function startOwnStack(
  dir: TempDir,
  over: Readonly<Record<string, string>>,
): Promise<StackProcess> {
  return startStack({
    main: MAIN,
    env: {
      ...process.env,
      MONGODB_URL: '',
      REDIS_URL: '',
      DATA_DIR: dir.path,
      LOG_LEVEL: 'warn',
      ...over,
    },
    port: await freePort(0),
    output: openSync(join(dir.path, 'stack.log'), 'a'),
  });
}
