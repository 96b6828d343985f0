import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import type { Store } from '../../../src/store/ports.ts';
import {
  anOutcome,
  anOwner,
  openedAccount,
  taken,
} from '../../contracts/signer-ledger/signer-ledger-samples.ts';
import { Cable } from '../../support/cable.ts';
import { eventually } from '../../support/eventually.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('a request for a reservation that arrives late', () => {
  let url: string;
  let cable: Cable;
  let late: Store;
  let other: Store;

  beforeEach(async () => {
    url = mongoUrl();
    const { hostname, port, pathname } = new URL(url);
    cable = await Cable.to(hostname, Number(port || 27017));
    late = await openMongoStore({
      url: `mongodb://127.0.0.1:${cable.port}${pathname}?directConnection=true`,
    });
    other = await openMongoStore({ url });
  });
  afterEach(async () => {
    await Promise.all([late.close(), other.close()]);
    await cable.close();
    await dropDatabase(url);
  });

  test.each([
    ['the first of its process on the account', false],
    ['not the first of its process on the account', true],
  ])('takes no second nonce for its owner, where it is %s', async (_, isAtWork) => {
    const accountId = await openedAccount(other.ledger, 7);
    const before = anOwner();
    await taken(isAtWork ? late.ledger : other.ledger, accountId, before);
    const owner = anOwner();

    cable.holdRequests('findAndModify');
    const asked = taken(late.ledger, accountId, owner);
    await eventually(
      () => cable.held,
      (held) => held === 1,
    );
    // The worker that took the order over gets its reservation and closes it, and it leaves the account.
    expect((await taken(other.ledger, accountId, owner)).nonce).toBe(8);
    for (const closed of [before, owner])
      await other.ledger.reservations.close(accountId, [{ ...closed, outcome: anOutcome() }]);
    expect(await other.ledger.accounts.read(accountId)).toMatchObject({ base: 9, open: [] });
    cable.mend();

    expect(await asked).toMatchObject({ nonce: 8, state: 'closed' });
    expect(await other.ledger.accounts.read(accountId)).toMatchObject({ base: 9, open: [] });
  });
});
