import type { Logger } from 'pino';
import { z } from 'zod';
import { orderIdSchema } from '../protocol/fields.ts';
import { journaledMessageSchema } from '../protocol/messages.ts';
import type { Feed } from './feed.ts';
import { HINTS_A_BATCH } from './hint-batch.ts';
import { warnOfJunk } from './warn-of-junk.ts';

const entriesSchema = z.array(z.looseObject({ orderId: orderIdSchema })).max(HINTS_A_BATCH);

/** Tells the watchers on this server of what other processes have committed. */
export function hearEntries(
  feed: Pick<Feed, 'watches' | 'offer'>,
  log: Pick<Logger, 'warn'>,
): (entries: unknown) => void {
  const warn = warnOfJunk(log);
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
