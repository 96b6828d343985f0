/** The port of a data folder's chain: chosen once, so that whoever knows it still finds the chain after a restart. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { writeFileAtomically } from '../runtime/atomic-file.ts';
import { sleep } from '../runtime/time.ts';

/**
 * Below the ports that systems give to outgoing connections: one of those would take the chain's away while it is down.
 * Above the ports that servers are known by.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const DRAWS = 100;
const LOOKS = 20;
const LOOK_MS = 100;

/** Null where none was chosen yet, or none can be read. */
export function readPort(file: string): number | null {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
  } catch {
    return null;
  }
}

/** The port in the file; where there is none, or somebody else listens on it, another one, which the file then holds. */
export async function choosePort(file: string): Promise<number> {
  const chosen = readPort(file);
  if (chosen !== null && (await becomesFree(chosen))) return chosen;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!(await isFree(port))) continue;
    writeFileAtomically(file, `${port}\n`);
    return port;
  }
  throw new Error(`none of ${DRAWS} ports drawn from ${LOWEST} to ${HIGHEST} is free on 127.0.0.1`);
}

/** Whoever listened last may still be letting go of it. */
async function becomesFree(port: number): Promise<boolean> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (await isFree(port)) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
