import type { Logger } from 'pino';
import { isJournaledMessage, type JournaledMessage } from '../protocol/messages.ts';
import { NOTIFICATIONS_PER_BATCH } from './batch-size.ts';
import { warnOnce } from './warn-once.ts';

/** The feed, as far as notifications reach into it. */
export interface EntryReceiver {
  /** @param owner whose order it is; null: not known */
  isWatched(orderId: string, owner: string | null): boolean;
  offer(entry: JournaledMessage, owner: string | null): void;
}

/**
 * Passes on to the feed what other processes have committed. An entry is checked and passed on as it came: a rebuilt one would
 * have other keys, in another order, than the same entry read from the journal (a newer release may have added some).
 */
export function receiveEntries(
  feed: EntryReceiver,
  log: Pick<Logger, 'warn'>,
): (entries: unknown, owners?: unknown) => void {
  const warn = warnOnce(log);
  return (entries, owners) => {
    if (!isBatch(entries)) {
      warn();
      return;
    }
    for (const [index, entry] of entries.entries()) {
      const orderId = orderIdOf(entry);
      const owner = ownerAt(owners, index);
      // Most orders are watched on other servers, if at all: to check all entries would be the larger part of the work.
      if (orderId !== null && !feed.isWatched(orderId, owner)) continue;
      if (isJournaledMessage(entry)) feed.offer(entry, owner);
      else warn();
    }
  };
}

function isBatch(sent: unknown): sent is readonly unknown[] {
  return Array.isArray(sent) && sent.length <= NOTIFICATIONS_PER_BATCH;
}

function ownerAt(owners: unknown, index: number): string | null {
  const owner: unknown = Array.isArray(owners) ? owners[index] : null;
  return typeof owner === 'string' ? owner : null;
}

function orderIdOf(entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null || !('orderId' in entry)) return null;
  return typeof entry.orderId === 'string' ? entry.orderId : null;
}
