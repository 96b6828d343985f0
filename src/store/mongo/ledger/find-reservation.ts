import type { NonceReservation, ReservationOwner } from '../../ledger.ts';
import type { Database } from '../database.ts';
import { readAccount } from './accounts.ts';
import { openReservationOf, settledId, settledToReservation } from './mapping.ts';

/**
 * Open or closed; null: this owner never had one. The account is read first: a reservation is among the settled ones before it
 * leaves its account, so that one that is in neither place did not exist when this began.
 * @throws UnknownAccount
 */
export async function findReservation(
  database: Database,
  accountId: string,
  owner: ReservationOwner,
): Promise<NonceReservation | null> {
  return (
    openReservationOf(await readAccount(database, accountId), owner) ??
    findSettled(database, accountId, owner)
  );
}

export async function findSettled(
  database: Database,
  accountId: string,
  owner: ReservationOwner,
): Promise<NonceReservation | null> {
  const found = await database.run(() =>
    database.ledger.settled.findById(settledId(accountId, owner)).lean(),
  );
  return found === null ? null : settledToReservation(found);
}
