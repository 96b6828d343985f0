/**
 * A process that takes reservations, signs for them and closes them, and says so, one line for each answer, until it is killed.
 */
import { writeSync } from 'node:fs';
import type { SignerLedger, NonceReservation } from '../../../src/store/ledger.ts';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { drawIdsFor } from '../order-store/order-store-samples.ts';
import { anAttempt, anOutcome, anOwner } from './signer-ledger-samples.ts';

const WORKERS = 12;
const RULES = { window: 24, spends: null };

async function workUntilKilled(ledger: SignerLedger, accountId: string): Promise<never> {
  for (;;) {
    const owner = anOwner();
    const answer = await ledger.reservations.take(accountId, owner, RULES);
    // Processes that were killed left open reservations: the account's resender closes them.
    if (answer.outcome !== 'taken') await keep(ledger, accountId);
    else {
      const { reservation } = answer;
      report(reservation, 'taken');
      await ledger.attempts.keep(anAttempt(accountId, reservation), ['reserved']);
      await ledger.reservations.move(accountId, reservation, 'reserved', 'armed');
      await ledger.reservations.close(accountId, [
        { ...reservation, outcome: anOutcome({ block: reservation.nonce }) },
      ]);
      report(reservation, 'closed');
    }
  }
}

async function keep(ledger: SignerLedger, accountId: string): Promise<void> {
  const { open } = await ledger.accounts.read(accountId);
  for (const reservation of open)
    await ledger.reservations.close(accountId, [
      { ...reservation, outcome: anOutcome({ block: reservation.nonce }) },
    ]);
}

function report({ orderId, epoch, nonce }: NonceReservation, what: 'taken' | 'closed'): void {
  writeSync(1, `${orderId} ${epoch} ${nonce} ${what}\n`);
}

const [, , address, accountId, name] = process.argv;
if (address === undefined || accountId === undefined || name === undefined)
  throw new Error('expected the address of a store, an account and a name');
drawIdsFor(name);
const store = address.startsWith('mongodb')
  ? await openMongoStore({ url: address })
  : await openSqliteStore({ file: address });
await Promise.all(Array.from({ length: WORKERS }, () => workUntilKilled(store.ledger, accountId)));
