import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { ledgerRecordsContract } from '../../contracts/ledger-records.contract.ts';
import {
  signerLedgerContract,
  type StorePlace,
} from '../../contracts/signer-ledger/signer-ledger.contract.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

function newPlace(): Promise<StorePlace> {
  const url = mongoUrl();
  return Promise.resolve({
    address: url,
    open: () => openMongoStore({ url }),
    remove: () => dropDatabase(url),
  });
}

describeOnMongo('the contract', () => {
  signerLedgerContract('MongoDB', newPlace);
  ledgerRecordsContract('MongoDB', newPlace);
});
