import type { Logger } from 'pino';
import { z } from 'zod';
import { orderIdSchema } from '../protocol/fields.ts';
import { journaledMessageSchema, type JournaledMessage } from '../protocol/messages.ts';
import { NOTIFICATIONS_PER_BATCH } from './batch-size.ts';
import { warnOnce } from './warn-once.ts';

const entriesSchema = z.array(z.looseObject({ orderId: orderIdSchema })).max(NOTIFICATIONS_PER_BATCH);

/** The feed, as far as notifications reach into it. */
export interface EntryReceiver {
  watches(orderId: string): boolean;
  offer(entry: JournaledMessage): void;
}

/** Tells the watchers on this server of what other processes have committed. */
export function receiveEntries(feed: EntryReceiver, log: Pick<Logger, 'warn'>): (entries: unknown) => void {
  const warn = warnOnce(log);
  return (entries) => {
    const heard = entriesSchema.safeParse(entries);
    if (!heard.success) {
      warn();
      return;
    }
    for (const entry of heard.data) {
      // Most orders are watched elsewhere, if at all: reading their entries would be the larger part of the work.
      if (!feed.watches(entry.orderId)) continue;
      const message = journaledMessageSchema.safeParse(entry);
      if (message.success) feed.offer(message.data);
      else warn();
    }
  };
}
