import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { storeContract } from '../../contracts/order-store/order-store.contract.ts';
import { describeOnMongo, dropDatabase, mongoUrl } from '../../support/mongo/mongo.ts';

describeOnMongo('the contract', () => {
  storeContract('MongoDB', async () => {
    const url = mongoUrl();
    const store = await openMongoStore({ url });
    return {
      store,
      close: async () => {
        await store.close();
        await dropDatabase(url);
      },
    };
  });
});
