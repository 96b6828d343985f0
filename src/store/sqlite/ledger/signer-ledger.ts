import type { SignerLedger } from '../../ledger.ts';
import { openAttempts } from './attempts.ts';
import type { Connection } from '../connection.ts';
import { openSignerAccounts } from './accounts.ts';
import { openNonceReservations } from './reservations.ts';

export function openSignerLedger(connection: Connection): SignerLedger {
  return {
    accounts: openSignerAccounts(connection),
    reservations: openNonceReservations(connection),
    attempts: openAttempts(connection),
  };
}
