import type { SignerLedger } from '../../ledger.ts';
import { openAttempts } from './attempts.ts';
import type { Database } from '../database.ts';
import { openSignerAccounts } from './accounts.ts';
import { openNonceReservations } from './reservations.ts';

export function openSignerLedger(database: Database): SignerLedger {
  return {
    accounts: openSignerAccounts(database),
    reservations: openNonceReservations(database),
    attempts: openAttempts(database),
  };
}
