import { isFinal } from '../../../../machines/order/state.ts';
import type { OrderRecord, OrderRecords } from '../../order-records.ts';
import type { Connection } from '../connection.ts';
import { ORDER_COLUMNS, toCommand, toEntry, toOrder, toReleases, type OrderRow } from './mapping.ts';

interface RecordRow extends OrderRow {
  readonly no: number;
  readonly commit_id: string | null;
  readonly inbox_done: number;
  readonly wake_at: number | null;
  readonly held_by: string | null;
}

const COLUMNS = `no, commit_id, inbox_done, wake_at, held_by, ${ORDER_COLUMNS}`;

export function openOrderRecords(connection: Connection): OrderRecords {
  const { db, clock } = connection;
  const selectPage = db.prepare<[string, number], RecordRow>(
    `SELECT ${COLUMNS} FROM orders WHERE id > ? ORDER BY id LIMIT ?`,
  );
  const selectOne = db.prepare<[string], RecordRow>(`SELECT ${COLUMNS} FROM orders WHERE id = ?`);
  const selectEntries = db
    .prepare<[number], string>('SELECT entry FROM journal WHERE order_no = ? ORDER BY seq')
    .pluck();
  const selectCommands = db
    .prepare<[number], string>('SELECT body FROM commands WHERE order_no = ? ORDER BY n')
    .pluck();
  const insertOrder = db.prepare<[Record<string, string | number | null>]>(
    `INSERT INTO orders (id, version, machine_version, status, last_seq, commit_id, wake_at, ended_at, inbox_length,
       inbox_done, created_at, updated_at, owner, client_order_id, request_hash, held, held_by, state)
     VALUES (@id, @version, @machineVersion, @status, @lastSeq, @commitId, @wakeAt, @endedAt, @inboxLength,
       @inboxDone, @createdAt, @updatedAt, @owner, @clientOrderId, @requestHash, @held, @heldBy, @state)`,
  );
  const insertEntry = db.prepare<[number | bigint, number, string]>(
    'INSERT INTO journal (order_no, seq, entry) VALUES (?, ?, ?)',
  );
  const insertCommand = db.prepare<[number | bigint, number, string, string]>(
    'INSERT INTO commands (order_no, n, command_id, body) VALUES (?, ?, ?, ?)',
  );
  const count = db.prepare<[], number>('SELECT count(*) FROM orders').pluck();
  const countAlive = db.prepare<[number], number>('SELECT count(*) FROM workers WHERE beat_at >= ?').pluck();

  function toRecord(row: RecordRow): OrderRecord {
    const { worker, ...order } = toOrder(row);
    return {
      ...order,
      commitId: row.commit_id,
      journal: selectEntries.all(row.no).map(toEntry),
      inbox: selectCommands.all(row.no).map(toCommand),
      inboxDone: row.inbox_done,
      heldBy: row.held_by === null ? [] : toReleases(row.held_by),
      wakeAt: isFinal(row.status) ? null : worker === null ? row.wake_at : row.updated_at,
    };
  }

  return {
    page: (after, limit) => connection.read(() => selectPage.all(after ?? '', limit).map(toRecord)),

    put: (record) =>
      connection.write(() => {
        const existing = selectOne.get(record.orderId);
        if (existing !== undefined) return { written: false, existing: toRecord(existing) };
        const { lastInsertRowid: orderNo } = insertOrder.run(columnsOf(record));
        for (const entry of record.journal) insertEntry.run(orderNo, entry.seq, JSON.stringify(entry));
        for (const [index, command] of record.inbox.entries()) {
          insertCommand.run(orderNo, index + 1, command.commandId, JSON.stringify(command));
        }
        return { written: true };
      }),

    count: () => connection.read(() => count.get() ?? 0),
    livingWorkers: (withinMs) => connection.read(() => countAlive.get(clock.now() - withinMs) ?? 0),
  };
}

function columnsOf(record: OrderRecord): Record<string, string | number | null> {
  return {
    id: record.orderId,
    version: record.version,
    machineVersion: record.state.machineVersion,
    status: record.status,
    lastSeq: record.lastSeq,
    commitId: record.commitId,
    wakeAt: record.wakeAt,
    endedAt: isFinal(record.status) ? record.updatedAt : null,
    inboxLength: record.inbox.length,
    inboxDone: record.inboxDone,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    owner: record.owner,
    clientOrderId: record.clientOrderId,
    requestHash: record.requestHash,
    held: record.held === null ? null : JSON.stringify(record.held),
    heldBy: record.heldBy.length === 0 ? null : JSON.stringify(record.heldBy),
    state: JSON.stringify(record.state),
  };
}
