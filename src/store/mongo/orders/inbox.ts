import type { Command } from '../../../../machines/order/types.ts';
import type { Inbox, Pushed } from '../../ports.ts';
import type { Database } from '../database.ts';
import { toCommand, type OrderDocument } from './mapping.ts';

const ASSIGNMENT = { worker: 1, version: 1 } as const;

export function openInbox(database: Database): Inbox {
  const { orders, clock } = database;

  /** Null: the order ended, has the command already, or has a worker where `hasWorker` says that it has none, or the reverse. */
  async function append(orderId: string, command: Command, hasWorker: boolean): Promise<Pushed | null> {
    const { commandId } = command;
    const pushed = await database.run(() =>
      orders
        .findOneAndUpdate(
          { _id: orderId, open: true, worker: { $exists: hasWorker }, 'inbox.commandId': { $ne: commandId } },
          {
            $push: { inbox: { commandId, body: JSON.stringify(command) } },
            $set: { commanded: true },
            ...(hasWorker ? {} : { $min: { wakeAt: new Date(clock.now()) } }),
          },
          { returnDocument: 'after', projection: ASSIGNMENT },
        )
        .lean(),
    );
    if (pushed === null) return null;
    return { outcome: 'accepted', worker: pushed.worker ?? null, version: pushed.version };
  }

  return {
    async push(orderId, command) {
      for (;;) {
        const pushed = (await append(orderId, command, true)) ?? (await append(orderId, command, false));
        if (pushed !== null) return pushed;
        const order = await database.run(() =>
          orders.findById(orderId, { ...ASSIGNMENT, status: 1, open: 1, 'inbox.commandId': 1 }).lean(),
        );
        if (order === null) return { outcome: 'unknown' };
        if (order.open !== true) return { outcome: 'ended', status: order.status };
        if (order.inbox.some(({ commandId }) => commandId === command.commandId)) {
          // A command that is repeated because its answer was lost is there already.
          return { outcome: 'accepted', worker: order.worker ?? null, version: order.version };
        }
        // It got or lost its worker between the two updates.
      }
    },

    async waiting(workerId) {
      const commanded = await database.run(() =>
        orders.find({ commanded: true, worker: workerId }, { inbox: 1, inboxDone: 1 }).lean(),
      );
      return commanded
        .filter(({ inbox, inboxDone }) => inbox.length > inboxDone)
        .map((order) => ({
          orderId: order._id,
          commands: unseenCommands(order),
          inboxLength: order.inbox.length,
        }));
    },
  };
}

/** The commands that no commit has taken in, in order. */
export function unseenCommands({
  inbox,
  inboxDone,
}: Pick<OrderDocument, 'inbox' | 'inboxDone'>): readonly Command[] {
  return inbox.slice(inboxDone).map(toCommand);
}
