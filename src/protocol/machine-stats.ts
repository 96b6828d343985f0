/** How orders went through a version of the machine, as REST answers it and the page draws it. */
import { z } from 'zod';
import { ORDER_STATUSES } from '../../machines/order/state.ts';

const count = z.number().int();
const milliseconds = z.number().nullable();

export const machineStatsSchema = z.object({
  version: count,
  /** The orders that were looked at: the newest ones of the time that was asked for. */
  orders: count,
  /** False: there are more orders than were looked at. */
  complete: z.boolean(),
  /** Creations of the orders that were looked at; null: there were none. */
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  /** Transitions that were taken. `id` as in the `edges` of a journal entry. */
  edges: z.array(z.object({ id: z.string(), orders: count, taken: count })),
  states: z.array(
    z.object({
      /** `routing.quoting`; also of states that have others in them. */
      path: z.string(),
      orders: count,
      visits: count,
      /** Orders that are in it now. */
      now: count,
      /** Of the visits that are over; null where there are none. */
      p50Ms: milliseconds,
      p99Ms: milliseconds,
      /** How many orders ended unfilled from here. */
      failures: count,
    }),
  ),
  /** Of the orders that ended unfilled, the most frequent first. */
  failures: z.array(
    z.object({
      status: z.enum(ORDER_STATUSES),
      code: z.string(),
      /** Where the order was before it ended. */
      state: z.string(),
      orders: count,
    }),
  ),
});

export type MachineStats = z.infer<typeof machineStatsSchema>;
