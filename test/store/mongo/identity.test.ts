import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { identityContract } from '../../contracts/identity.contract.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('the contract', () => {
  identityContract('MongoDB', () => {
    const url = mongoUrl();
    return { address: url, open: () => openMongoStore({ url }), remove: () => dropDatabase(url) };
  });
});
