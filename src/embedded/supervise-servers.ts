/**
 * The servers of a data folder. One process owns the folder and keeps them running; others on the same folder use them,
 * and one of those takes over when the owner goes. A server that outlived a kill of its owner is adopted, never joined by a
 * second one.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { every, sleep } from '../runtime/time.ts';
import { DataLock } from './data-lock.ts';
import { removeRunFile } from './run-file.ts';

export type EmbeddedLog = Pick<Logger, 'info' | 'warn'>;

/** What keeping one of them takes. All but `answers` is for the owner alone. */
export interface SupervisedServer {
  /** As it is called in the log. */
  readonly name: string;
  /** Whether the folder's server can be used. */
  answers(): Promise<boolean>;
  /** Makes sure that it runs and is noted: adopts what runs, puts an end to what hangs, starts another. */
  keep(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerSupervision {
  /** Whether this process keeps them running. */
  isOwner(): boolean;
  /** The owner stops them; others leave them alone. */
  close(): Promise<void>;
}

const WATCH_MS = 200;
const OTHERS_SERVER_WITHIN_MS = 10_000;
/** A server that does not start is tried again after twice as many looks each time, up to every five seconds. */
const LOOKS_SKIPPED_CAP = 25;

export function runFileOf(folder: string): string {
  return join(folder, 'run.json');
}

/** @throws UserFault when something is missing that they need */
export async function superviseServers(
  folder: string,
  servers: readonly SupervisedServer[],
  log: EmbeddedLog,
): Promise<ServerSupervision> {
  const lock = new DataLock(join(folder, 'owner.lock'));
  try {
    for (const server of servers) {
      if (lock.tryTake()) await server.keep();
      await until(server, OTHERS_SERVER_WITHIN_MS);
    }
  } catch (error) {
    lock.release();
    throw error;
  }
  const looks = servers.map((server) => lookAfter(server, log));
  const stopWatching = every(
    WATCH_MS,
    async () => {
      if (lock.tryTake()) await Promise.all(looks.map((look) => look()));
    },
    (error) => log.warn({ err: error }, 'the data folder cannot be looked after'),
  );

  return {
    isOwner: () => lock.isHeld,
    async close() {
      await stopWatching();
      if (lock.isHeld) {
        await Promise.all(servers.map((server) => server.stop()));
        removeRunFile(runFileOf(folder));
      }
      lock.release();
    },
  };
}

function lookAfter(server: SupervisedServer, log: EmbeddedLog): () => Promise<void> {
  let failures = 0;
  let looksToSkip = 0;
  return async () => {
    if (looksToSkip > 0) {
      looksToSkip -= 1;
      return;
    }
    try {
      await server.keep();
      failures = 0;
    } catch (error) {
      failures += 1;
      looksToSkip = Math.min(2 ** failures, LOOKS_SKIPPED_CAP);
      log.warn({ err: error }, `${server.name} does not start`);
    }
  };
}

async function until(server: SupervisedServer, withinMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += WATCH_MS) {
    if (await server.answers()) return;
    await sleep(WATCH_MS);
  }
  throw new Error(
    `the process that owns this data folder has no ${server.name} running after ${withinMs} ms`,
  );
}
