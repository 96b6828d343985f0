import type Database from 'better-sqlite3';
import type { Command } from '../../../../machines/order/types.ts';
import type { Inbox, WaitingCommands } from '../../ports.ts';
import type { Connection } from '../connection.ts';
import { HEAD_COLUMNS, toCommand, type OrderHead } from './mapping.ts';

export const WAITING_SQL = `SELECT orders.id, orders.inbox_length, commands.body
  FROM orders INDEXED BY orders_commanded
  CROSS JOIN commands ON commands.order_no = orders.no AND commands.n > orders.inbox_done
  WHERE orders.worker = ? AND orders.inbox_length > orders.inbox_done
  ORDER BY orders.no, commands.n`;

interface WaitingRow {
  readonly id: string;
  readonly inbox_length: number;
  readonly body: string;
}

export function openInbox(connection: Connection): Inbox {
  const { db, clock } = connection;
  const selectHead = db.prepare<[string], OrderHead>(`SELECT ${HEAD_COLUMNS} FROM orders WHERE id = ?`);
  const append = db.prepare<[number, number, string, string]>(
    `INSERT INTO commands (order_no, n, command_id, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (order_no, command_id) DO NOTHING`,
  );
  const lengthen = db.prepare<[number, number]>('UPDATE orders SET inbox_length = ? WHERE no = ?');
  const hasten = db.prepare<{ now: number; no: number }>(
    'UPDATE orders SET wake_at = min(coalesce(wake_at, @now), @now) WHERE no = @no',
  );
  const selectWaiting = db.prepare<[string], WaitingRow>(WAITING_SQL);

  return {
    async push(orderId, command) {
      const body = JSON.stringify(command);
      return connection.write(() => {
        const head = selectHead.get(orderId);
        if (head === undefined) return { outcome: 'unknown' };
        if (head.ended_at !== null) return { outcome: 'ended', status: head.status };
        const length = head.inbox_length + 1;
        // A command that is repeated because its answer was lost is there already.
        if (append.run(head.no, length, command.commandId, body).changes === 1) {
          lengthen.run(length, head.no);
          if (head.worker === null) hasten.run({ now: clock.now(), no: head.no });
        }
        return { outcome: 'accepted', worker: head.worker, version: head.version };
      });
    },

    async waiting(workerId) {
      return groupByOrder(await connection.read(() => selectWaiting.all(workerId)));
    },
  };
}

/** The commands of an order that no commit has taken in, in order. */
export type UnseenCommands = (orderNo: number, inboxDone: number) => readonly Command[];

export function prepareUnseenCommands(db: Database.Database): UnseenCommands {
  const select = db
    .prepare<[number, number], string>('SELECT body FROM commands WHERE order_no = ? AND n > ? ORDER BY n')
    .pluck();
  return (orderNo, inboxDone) => select.all(orderNo, inboxDone).map(toCommand);
}

function groupByOrder(rows: readonly WaitingRow[]): readonly WaitingCommands[] {
  const found = new Map<string, { inboxLength: number; commands: Command[] }>();
  for (const { id, inbox_length: inboxLength, body } of rows) {
    const order = found.get(id) ?? { inboxLength, commands: [] };
    order.commands.push(toCommand(body));
    found.set(id, order);
  }
  return [...found].map(([orderId, order]) => ({ orderId, ...order }));
}
