import { openMongoStore } from '../../src/store/mongo/open-mongo-store.ts';
import { signerLedgerContract } from '../contracts/signer-ledger.contract.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../support/mongo.ts';

describeOnMongo('the contract', () => {
  signerLedgerContract('MongoDB', () => {
    const url = mongoUrl();
    return Promise.resolve({
      address: url,
      open: () => openMongoStore({ url }),
      remove: () => dropDatabase(url),
    });
  });
});
