import type { SignerLedger } from '../ledger.ts';
import { sqliteAttempts } from './attempts.ts';
import type { Connection } from './connection.ts';
import { sqliteLanes } from './lanes.ts';
import { sqliteSlots } from './slots.ts';

export function sqliteLedger(connection: Connection): SignerLedger {
  return {
    lanes: sqliteLanes(connection),
    slots: sqliteSlots(connection),
    attempts: sqliteAttempts(connection),
  };
}
