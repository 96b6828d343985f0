import type { DueOrder, WorkStore } from '../../ports.ts';
import { SetBackMonitor } from '../../set-back.ts';
import type { Connection } from '../connection.ts';
import { prepareUnseenCommands } from './inbox.ts';
import { ORDER_COLUMNS, toHold, toOrder, type OrderRow } from './mapping.ts';

/** A process without a heartbeat for a day has ended; one that comes back writes its heartbeat anew. */
const FORGET_WORKER_AFTER_MS = 86_400_000;

/** `@release` is JSON text, as in the list. */
const NOT_HELD_BY = '(held_by IS NULL OR instr(held_by, @release) = 0)';

/** A worker may claim again an order that names it: the answer to its first claim may have been lost. */
export const CLAIM_SQL = `UPDATE orders
  SET version = version + 1, worker = @workerId, wake_at = NULL, waits_since = NULL, held = NULL
  WHERE id = @orderId AND ended_at IS NULL AND ${NOT_HELD_BY} AND machine_version <= @machineVersion
    AND CASE
      WHEN worker IS NULL THEN wake_at <= @dueBy OR waits_since > @now
      WHEN worker = @workerId THEN 1
      ELSE NOT EXISTS (
        SELECT 1 FROM workers WHERE workers.id = orders.worker AND beat_at BETWEEN @aliveSince AND @latestBeat
      )
    END
  RETURNING no, inbox_length, inbox_done, held_by IS NOT NULL AS was_held, ${ORDER_COLUMNS}`;

/**
 * Orders whose time has come, and orders whose worker is dead. The few workers that run anything are found by hopping through
 * the index from each to the next, not by reading all that they run. A dead worker's orders are due since its last
 * heartbeat became too old; those of a worker without a heartbeat, or with one that lies in the future because the clock was set
 * back, since they were last written.
 */
export const DUE_SQL = `
  WITH RECURSIVE running(worker) AS (
    SELECT min(worker) FROM orders WHERE worker IS NOT NULL
    UNION ALL
    SELECT (SELECT min(worker) FROM orders WHERE worker > running.worker)
    FROM running WHERE running.worker IS NOT NULL
  ),
  dead(worker, due_at) AS (
    SELECT running.worker, CASE WHEN workers.beat_at < @aliveSince THEN workers.beat_at + @deadAfterMs END
    FROM running LEFT JOIN workers ON workers.id = running.worker
    WHERE running.worker IS NOT NULL
      AND (workers.beat_at IS NULL OR workers.beat_at NOT BETWEEN @aliveSince AND @latestBeat)
  ),
  overdue AS (
    SELECT id, version, machine_version, wake_at AS due_at
    FROM orders INDEXED BY orders_due
    WHERE worker IS NULL AND held IS NULL AND wake_at <= @dueBy AND machine_version <= @machineVersion
      AND ${NOT_HELD_BY}
    ORDER BY wake_at LIMIT @limit
  ),
  held_elsewhere AS (
    SELECT id, version, machine_version, wake_at AS due_at
    FROM orders INDEXED BY orders_held
    WHERE held IS NOT NULL AND wake_at <= @dueBy AND machine_version <= @machineVersion AND ${NOT_HELD_BY}
      AND @release <> ''
    LIMIT @limit
  ),
  set_back AS (
    SELECT id, version, machine_version, @now AS due_at
    FROM orders INDEXED BY orders_waiting
    WHERE waits_since > @now AND worker IS NULL AND held IS NULL AND machine_version <= @machineVersion
      AND ${NOT_HELD_BY}
    LIMIT @limit
  ),
  abandoned AS (
    SELECT id, version, machine_version, coalesce(dead.due_at, updated_at) AS due_at
    FROM dead CROSS JOIN orders INDEXED BY orders_running ON orders.worker = dead.worker
    WHERE held IS NULL AND machine_version <= @machineVersion AND ${NOT_HELD_BY}
    ORDER BY dead.due_at LIMIT @limit
  )
  SELECT id, version, machine_version, due_at FROM (
    SELECT * FROM overdue UNION ALL SELECT * FROM abandoned
    UNION ALL SELECT * FROM held_elsewhere UNION ALL SELECT * FROM set_back
  )
  ORDER BY due_at LIMIT @limit`;

export const RUN_BY_SQL = 'SELECT id FROM orders WHERE worker = ?';

type Bound = Record<string, string | number>;
type ClaimedRow = OrderRow & { no: number; inbox_length: number; inbox_done: number; was_held: 0 | 1 };
interface DueRow {
  id: string;
  version: number;
  machine_version: number;
  due_at: number;
}

export function openWorkStore(connection: Connection): WorkStore {
  const { db, clock } = connection;
  const setBack = new SetBackMonitor(clock);
  const unseenCommands = prepareUnseenCommands(db);
  const beat = db.prepare<[string, number]>(
    `INSERT INTO workers (id, beat_at) VALUES (?, ?)
     ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at`,
  );
  const retire = db.prepare<[string, number]>('DELETE FROM workers WHERE id = ? OR beat_at < ?');
  const claim = db.prepare<[Bound], ClaimedRow>(CLAIM_SQL);
  const release = db.prepare<[Bound]>(
    // An order with a command that it has not seen must not sleep.
    `UPDATE orders SET version = version + 1, worker = NULL, waits_since = @now,
       wake_at = @now + CASE WHEN inbox_length > inbox_done THEN 0 ELSE @dueInMs END
     WHERE id = @orderId AND version = @expectedVersion AND worker IS NOT NULL`,
  );
  const hold = db.prepare<[Bound]>(
    // wake_at stays or becomes now, so that lifting the hold only clears what holds it.
    `UPDATE orders SET version = version + 1, worker = NULL, held = @held,
       held_by = json_insert(coalesce(held_by, '[]'), '$[#]', @release),
       wake_at = coalesce(wake_at, @now), updated_at = @now
     WHERE id = @orderId AND version = @expectedVersion AND ended_at IS NULL`,
  );
  const liftHold = db.prepare<[string]>(
    'UPDATE orders SET version = version + 1, held = NULL, held_by = NULL WHERE id = ? AND held IS NOT NULL',
  );
  const countHeld = db.prepare<[], number>('SELECT count(*) FROM orders WHERE held IS NOT NULL').pluck();
  const selectHeld = db.prepare<[number], Pick<OrderRow, 'id' | 'status'> & { readonly held: string }>(
    'SELECT id, status, held FROM orders WHERE held IS NOT NULL ORDER BY id LIMIT ?',
  );
  const selectDue = db.prepare<[Bound], DueRow>(DUE_SQL);
  const selectWorkers = db.prepare<[number], { readonly id: string; readonly beat_at: number }>(
    'SELECT id, beat_at FROM workers ORDER BY beat_at DESC LIMIT ?',
  );
  const countRunBy = db
    .prepare<[string], number>('SELECT count(*) FROM orders INDEXED BY orders_running WHERE worker = ?')
    .pluck();
  const selectFirstRunBy = db.prepare<[string, number], Pick<OrderRow, 'id' | 'status'>>(
    'SELECT id, status FROM orders INDEXED BY orders_running WHERE worker = ? ORDER BY id LIMIT ?',
  );
  const selectRunBy = db.prepare<[string], string>(RUN_BY_SQL).pluck();

  return {
    async beat(workerId) {
      await connection.write(() => beat.run(workerId, clock.now()));
    },

    claim: (orderId, workerId, { machineVersion, release, deadAfterMs, earlyMs }) =>
      connection.write(() => {
        const now = clock.now();
        const row = claim.get({
          orderId,
          workerId,
          machineVersion,
          release: JSON.stringify(release),
          now,
          dueBy: now + earlyMs,
          aliveSince: now - deadAfterMs,
          latestBeat: setBack.latestBeat(deadAfterMs),
        });
        if (row === undefined) return null;
        const { no: orderNo, inbox_length: inboxLength, inbox_done: inboxDone } = row;
        const commands = inboxLength > inboxDone ? unseenCommands(orderNo, inboxDone) : [];
        return { ...toOrder(row), commands, inboxLength, wasHeld: row.was_held === 1 };
      }),

    release: (orderId, expectedVersion, dueInMs) =>
      connection.write(() => {
        const now = clock.now();
        return release.run({ orderId, expectedVersion, dueInMs: Math.ceil(dueInMs), now }).changes === 1;
      }),

    async due({ machineVersion, release, deadAfterMs, overdueByMs, limit }) {
      const now = clock.now();
      const bound = {
        machineVersion,
        release: release === null ? '' : JSON.stringify(release),
        deadAfterMs,
        now,
        dueBy: now - overdueByMs,
        aliveSince: now - deadAfterMs,
        latestBeat: setBack.latestBeat(deadAfterMs),
        limit,
      };
      const rows = await connection.read(() => selectDue.all(bound));
      return rows.map((row): DueOrder => ({
        orderId: row.id,
        version: row.version,
        machineVersion: row.machine_version,
        dueForMs: Math.max(0, now - row.due_at),
      }));
    },

    runBy: (workerId) => connection.read(() => selectRunBy.all(workerId)),

    async workers(limit, ordersShown) {
      const now = clock.now();
      return connection.read(() =>
        selectWorkers.all(limit).map(({ id, beat_at: beatAt }) => ({
          workerId: id,
          silentMs: Math.max(0, now - beatAt),
          orderCount: countRunBy.get(id) ?? 0,
          orders: selectFirstRunBy
            .all(id, ordersShown)
            .map(({ id: orderId, status }) => ({ orderId, status })),
        })),
      );
    },

    hold: (orderId, expectedVersion, { code, message }, release) =>
      connection.write(() => {
        const held = JSON.stringify({ code, message });
        return hold.run({ orderId, expectedVersion, held, release, now: clock.now() }).changes === 1;
      }),

    liftHold: (orderId) => connection.write(() => liftHold.run(orderId).changes === 1),

    async held(limit) {
      const [total, rows] = await connection.read(
        () => [countHeld.get() ?? 0, selectHeld.all(limit)] as const,
      );
      return {
        total,
        orders: rows.map(({ id, status, held }) => ({ orderId: id, status, hold: toHold(held) })),
      };
    },

    async retire(workerId) {
      await connection.write(() => retire.run(workerId, clock.now() - FORGET_WORKER_AFTER_MS));
    },
  };
}
