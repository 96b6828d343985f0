import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { dayTotalsContract } from '../../contracts/day-totals.contract.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('the contract', () => {
  dayTotalsContract('MongoDB', () => {
    const url = mongoUrl();
    return { address: url, open: () => openMongoStore({ url }), remove: () => dropDatabase(url) };
  });
});
