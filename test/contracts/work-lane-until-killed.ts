/** A process that takes slots, signs for them and closes them, and says so, one line for each answer, until it is killed. */
import { writeSync } from 'node:fs';
import type { SignerLedger, Slot } from '../../src/store/ledger.ts';
import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { anAttempt, anOutcome, anOwner } from './signer-ledger-samples.ts';

const WORKERS = 12;
const RULES = { window: 24, spends: null };

async function workForEver(ledger: SignerLedger, lane: string): Promise<never> {
  for (;;) {
    const owner = anOwner();
    const answer = await ledger.slots.take(lane, owner, RULES);
    // Those that died before have slots open: the lane's keeper closes what nobody works on.
    if (answer.outcome !== 'taken') await keep(ledger, lane);
    else {
      const { slot } = answer;
      tell(slot, 'taken');
      await ledger.attempts.keep(anAttempt(lane, slot), ['reserved']);
      await ledger.slots.move(lane, slot, 'reserved', 'armed');
      await ledger.slots.close(lane, [{ ...slot, outcome: anOutcome({ block: slot.nonce }) }]);
      tell(slot, 'closed');
    }
  }
}

async function keep(ledger: SignerLedger, lane: string): Promise<void> {
  const { open } = await ledger.lanes.read(lane);
  for (const slot of open)
    await ledger.slots.close(lane, [{ ...slot, outcome: anOutcome({ block: slot.nonce }) }]);
}

function tell({ orderId, epoch, nonce }: Slot, what: 'taken' | 'closed'): void {
  writeSync(1, `${orderId} ${epoch} ${nonce} ${what}\n`);
}

const [, , address, lane] = process.argv;
if (address === undefined || lane === undefined)
  throw new Error('expected the address of a store, and a lane');
const store = address.startsWith('mongodb')
  ? await openMongoStore({ url: address })
  : await openSqliteStore({ file: address });
await Promise.all(Array.from({ length: WORKERS }, () => workForEver(store.ledger, lane)));
