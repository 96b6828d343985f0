import type { SignerLedger } from '../ledger.ts';
import { mongoAttempts } from './attempts.ts';
import type { Database } from './database.ts';
import { mongoLanes } from './lanes.ts';
import { mongoSlots } from './slots.ts';

export function mongoLedger(database: Database): SignerLedger {
  return {
    lanes: mongoLanes(database),
    slots: mongoSlots(database),
    attempts: mongoAttempts(database),
  };
}
