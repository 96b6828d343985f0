import { noReservation } from '../../ledger-defects.ts';
import type { Closing, NonceReservations } from '../../ledger.ts';
import { MicroBatcher } from '../../../runtime/micro-batcher.ts';
import { CHANGES_PER_WRITE, type Database } from '../database.ts';
import { readAccount } from './accounts.ts';
import { openReservationOf, settledId, type AccountDocument } from './mapping.ts';
import { retireClosed } from './retire-closed.ts';

/**
 * Outcomes and state changes are one write. Then the closed reservations at the front leave the account: the process that closed
 * the last of them sees all of them closed, so that one process always does it; repeating `close` finishes it for a process that
 * died. What several orders of this process close at a time, as when a block has mined them all, is one write, too.
 */
export function prepareClose(database: Database): NonceReservations['close'] {
  const { accounts, settled } = database.ledger;

  /** Null: none of these is open and not closed. */
  function mark(accountId: string, closings: readonly Closing[]): Promise<AccountDocument | null> {
    const ids = closings.map(({ orderId }) => orderId);
    return database.run(() =>
      accounts
        .findOneAndUpdate(
          { _id: accountId, open: { $elemMatch: { orderId: { $in: ids }, state: { $ne: 'closed' } } } },
          [{ $set: { open: { $map: { input: '$open', as: 'each', in: closedIfOneOf(closings) } } } }],
          { returnDocument: 'after', updatePipeline: true },
        )
        .lean(),
    );
  }

  /** Null for each that is closed now. */
  async function closeAll(
    accountId: string,
    closings: readonly Closing[],
  ): Promise<readonly (Error | null)[]> {
    let document = (await mark(accountId, closings)) ?? (await readAccount(database, accountId));
    // In another state only where it was taken after `mark`: it is tried again.
    while (closings.some((closing) => isOpen(document, closing))) {
      document = (await mark(accountId, closings)) ?? (await readAccount(database, accountId));
    }
    if (closings.some((closing) => isInFront(document, closing))) await retireClosed(database, document);
    const gone = closings.filter((closing) => openReservationOf(document, closing) === null);
    const ids = gone.map((closing) => settledId(accountId, closing));
    const found =
      ids.length === 0
        ? []
        : await database.run(() => settled.find({ _id: { $in: ids } }, { _id: 1 }).lean());
    const there = new Set(found.map(({ _id }) => _id));
    return closings.map((closing) =>
      gone.includes(closing) && !there.has(settledId(accountId, closing))
        ? noReservation(accountId, closing)
        : null,
    );
  }

  /** Closings of this process in one account do not race each other for its document. */
  const closingsInTurn = new MicroBatcher<{ accountId: string; closing: Closing }, Error | null>(
    (batch, accountId) =>
      closeAll(
        accountId,
        batch.map(({ closing }) => closing),
      ),
    { maxBatch: CHANGES_PER_WRITE, maxInFlight: 1, keyOf: ({ accountId }) => accountId },
  );

  return async (accountId, closings) => {
    const answers = await Promise.all(closings.map((closing) => closingsInTurn.add({ accountId, closing })));
    const failure = answers.find((answer) => answer !== null);
    if (failure !== undefined) throw failure;
  };
}

/**
 * Of two outcomes for one reservation the first is written. No array filters: not every server knows what to do where none
 * matches.
 */
function closedIfOneOf(closings: readonly Closing[]) {
  const isStillOpen = { $ne: ['$$each.state', 'closed'] };
  const branches = closings.map(({ orderId, epoch, outcome: { hash, kind, status, block } }) => ({
    case: {
      $and: [
        { $eq: ['$$each.orderId', { $literal: orderId }] },
        { $eq: ['$$each.epoch', epoch] },
        isStillOpen,
      ],
    },
    then: {
      $mergeObjects: ['$$each', { $literal: { state: 'closed', outcome: { hash, kind, status, block } } }],
    },
  }));
  return { $switch: { branches, default: '$$each' } };
}

function isOpen(document: AccountDocument, closing: Closing): boolean {
  const reservation = openReservationOf(document, closing);
  return reservation !== null && reservation.state !== 'closed';
}

/** It and all before it are closed. */
function isInFront(document: AccountDocument, closing: Closing): boolean {
  const reservation = openReservationOf(document, closing);
  if (reservation === null) return false;
  return document.open
    .slice(0, reservation.nonce - document.base + 1)
    .every(({ state }) => state === 'closed');
}
