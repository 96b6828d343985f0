/** Audits the store after a run: replays each journal, and compares it with the stored state and the submitter's record. */
import { isDeepStrictEqual } from 'node:util';
import { isFinal } from '../../machines/order/state.ts';
import { machineRegistry } from '../../machines/registry.ts';
import { replay } from '../../machines/replay.ts';
import { readExecutions } from '../../src/chain/simulated/executions.ts';
import { dataFiles } from '../../src/settings/data-dir.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/ports.ts';

export interface Audit {
  readonly stored: number;
  readonly acknowledgedButMissing: number;
  readonly notEnded: number;
  /** Journals with a gap, or with a replay that differs from the stored state. */
  readonly journalFaults: readonly string[];
  readonly confirmed: number;
  readonly executedTwice: number;
  readonly executedUnconfirmed: number;
  readonly confirmedUnexecuted: number;
}

/** Audits the data folder of an embedded stack that has stopped. */
export async function auditFolder(dataDir: string, acknowledged: ReadonlySet<string>): Promise<Audit> {
  const files = dataFiles(dataDir);
  const store = await openSqliteStore({ file: files.orders });
  try {
    return await audit(store, readExecutions(files.simulatedChain), acknowledged);
  } finally {
    await store.close();
  }
}

export async function audit(
  store: Store,
  executed: readonly { readonly orderId: string; readonly count: number }[],
  acknowledged: ReadonlySet<string>,
): Promise<Audit> {
  const executions = new Map(executed.map(({ orderId, count }) => [orderId, count]));
  const orders = await allOrders(store);
  const stored = new Set(orders.map(({ orderId }) => orderId));
  const confirmed = orders.filter(({ status }) => status === 'confirmed');
  const isConfirmed = new Set(confirmed.map(({ orderId }) => orderId));
  const journalFaults: string[] = [];
  for (const { orderId, lastSeq, state } of orders) {
    const entries = await store.journal.read(orderId, 0, 10_000);
    if (entries.length !== lastSeq || entries.some(({ seq }, index) => seq !== index + 1)) {
      journalFaults.push(`order ${orderId}: its journal is not 1..${lastSeq}`);
    } else if (!isDeepStrictEqual(plain(replay(machineRegistry, entries)), plain(state))) {
      journalFaults.push(`order ${orderId}: its journal replays to another state than the stored one`);
    }
  }
  return {
    stored: stored.size,
    acknowledgedButMissing: [...acknowledged].filter((orderId) => !stored.has(orderId)).length,
    notEnded: orders.filter(({ status }) => !isFinal(status)).length,
    journalFaults,
    confirmed: confirmed.length,
    executedTwice: [...executions.values()].filter((count) => count > 1).length,
    executedUnconfirmed: [...executions.keys()].filter((orderId) => !isConfirmed.has(orderId)).length,
    confirmedUnexecuted: confirmed.filter(({ orderId }) => executions.get(orderId) !== 1).length,
  };
}

async function allOrders(store: Store) {
  const orders = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await store.orders.list({
      owner: 'local',
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    orders.push(...page.orders);
    cursor = page.nextCursor;
  }
  return orders;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
