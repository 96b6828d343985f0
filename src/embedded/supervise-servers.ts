/**
 * Supervises the servers of a data folder. One process owns the folder and keeps its servers running. Other processes on the
 * folder use them, and one of these becomes the owner when the owner ends. A server that outlives its owner is adopted; a second
 * one is never started.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { every, sleep } from '../runtime/time.ts';
import { DataLock } from './data-lock.ts';
import { forgetOwner, noteOwner } from './watchdog.ts';
import { removeRunFile } from './run-file.ts';

export type EmbeddedLog = Pick<Logger, 'info' | 'warn'>;

/** Only the owner calls `ensureUp` and `stop`. */
export interface SupervisedServer {
  /** For log messages. */
  readonly name: string;
  /** Whether the folder's server answers. */
  isUp(): Promise<boolean>;
  /** Makes sure that the server runs and is noted: adopts a running server, ends one that hangs, or starts one. */
  ensureUp(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerSupervision {
  /** Whether this process keeps them running. */
  isOwner(): boolean;
  /** Stops the servers if this process is the owner. */
  close(): Promise<void>;
}

const CHECK_MS = 200;
/** How long another owner may take to start a server. */
const UP_WITHIN_MS = 10_000;
/** The retries of a failed start back off exponentially, up to five seconds. */
const MOST_SKIPPED_CHECKS = 25;

export function runFileOf(folder: string): string {
  return join(folder, 'run.json');
}

/** @throws OperatorError when a server needs something that is missing */
export async function superviseServers(
  folder: string,
  servers: readonly SupervisedServer[],
  log: EmbeddedLog,
): Promise<ServerSupervision> {
  const lock = new DataLock(join(folder, 'owner.lock'));
  const isOwner = (): boolean => {
    const wasHeld = lock.isHeld;
    if (!lock.tryTake()) return false;
    if (!wasHeld) noteOwner(folder);
    return true;
  };
  try {
    for (const server of servers) {
      if (isOwner()) await server.ensureUp();
      await waitUntilUp(server, UP_WITHIN_MS);
    }
  } catch (error) {
    lock.release();
    throw error;
  }
  const checks = servers.map((server) => checkWithBackoff(server, log));
  const stopChecks = every(
    CHECK_MS,
    async () => {
      if (isOwner()) await Promise.all(checks.map((check) => check()));
    },
    (error) => log.warn({ err: error }, 'the servers of the data folder cannot be checked'),
  );

  return {
    isOwner: () => lock.isHeld,
    async close() {
      await stopChecks();
      if (lock.isHeld) {
        await Promise.all(servers.map((server) => server.stop()));
        removeRunFile(runFileOf(folder));
        forgetOwner(folder);
      }
      lock.release();
    },
  };
}

function checkWithBackoff(server: SupervisedServer, log: EmbeddedLog): () => Promise<void> {
  let failures = 0;
  let skippedChecks = 0;
  return async () => {
    if (skippedChecks > 0) {
      skippedChecks -= 1;
      return;
    }
    try {
      await server.ensureUp();
      failures = 0;
    } catch (error) {
      failures += 1;
      skippedChecks = Math.min(2 ** failures, MOST_SKIPPED_CHECKS);
      log.warn({ err: error }, `${server.name} does not start`);
    }
  };
}

async function waitUntilUp(server: SupervisedServer, withinMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += CHECK_MS) {
    if (await server.isUp()) return;
    await sleep(CHECK_MS);
  }
  throw new Error(
    `the process that owns this data folder has not started ${server.name} within ${withinMs} ms`,
  );
}
