/** Moves all that a store holds to another one. No process may use either meanwhile. */
import type { OrderRecords } from '../store/order-records.ts';
import type { Store } from '../store/ports.ts';
import { OperatorError } from '../operator-error.ts';
import { moveDayTotals } from './move-day-totals.ts';
import { moveIdentity } from './move-identity.ts';
import { moveLedger, type MovedLedger } from './move-ledger.ts';
import { moveOrders, type Moved, type MoveOptions } from './move-orders.ts';

type Moving = Pick<Store, 'records' | 'ledgerRecords' | 'dayTotals' | 'identity'>;

export interface MoveStoreOptions {
  readonly from: Moving;
  readonly to: Moving;
  /** A worker that wrote a heartbeat within this time is alive. */
  readonly deadAfterMs: number;
  readonly progress: MoveOptions['progress'];
}

export interface MovedStore {
  readonly ledger: MovedLedger;
  readonly orders: Moved;
  /** Whether the target now holds exactly what the source does. */
  readonly isVerified: boolean;
}

/**
 * @throws OperatorError while a worker is alive on either store, or when the target holds something else under a name of the
 * source's
 */
export async function moveStore({ from, to, deadAfterMs, progress }: MoveStoreOptions): Promise<MovedStore> {
  await mustBeQuiet('the source', from.records, deadAfterMs);
  await mustBeQuiet('the target', to.records, deadAfterMs);
  const ledger = await moveLedger(from.ledgerRecords, to.ledgerRecords);
  await moveDayTotals(from.dayTotals, to.dayTotals);
  await moveIdentity(from.identity, to.identity);
  const orders = await moveOrders({ from: from.records, to: to.records, progress });
  return { ledger, orders, isVerified: ledger.isVerified && orders.isVerified };
}

async function mustBeQuiet(which: string, records: OrderRecords, deadAfterMs: number): Promise<void> {
  const alive = await records.livingWorkers(deadAfterMs);
  if (alive === 0) return;
  throw new OperatorError(
    `${alive} worker${alive === 1 ? ' is' : 's are'} running on ${which}: stop all processes first`,
  );
}
