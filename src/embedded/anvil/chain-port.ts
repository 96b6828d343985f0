/** The port of a data folder's chain. It is chosen once, so that the chain has the same address after a restart. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { writeFileAtomically } from '../../runtime/atomic-file.ts';
import { sleep } from '../../runtime/time.ts';

/**
 * Below the ephemeral ports, because an outgoing connection could take the chain's port while it is down. Above the ports of
 * well-known servers.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const DRAWS = 100;
const FREE_CHECKS = 20;
const CHECK_MS = 100;

/** Null: no port was chosen yet, or the file cannot be read. */
export function readPort(file: string): number | null {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port <= 65_535 ? port : null;
  } catch {
    return null;
  }
}

/** The port in the file. If there is none, or it is in use, draws another one and writes it to the file. */
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

/** Waits a while, because the process that listened last may still be closing. */
async function becomesFree(port: number): Promise<boolean> {
  for (let check = 0; check < FREE_CHECKS; check += 1) {
    if (await isFree(port)) return true;
    await sleep(CHECK_MS);
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
