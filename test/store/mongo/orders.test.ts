import { openMongoStore } from '../../../src/store/mongo/open-mongo-store.ts';
import { storeContract } from '../../contracts/order-store/order-store.contract.ts';
import { describeOnMongo, dropDatabase, mongoUrl, withDatabase } from '../../support/mongo/mongo.ts';

const TIMES = [
  ['orders', ['wakeAt', 'waitsSince']],
  ['workers', ['beatAt']],
] as const;

describeOnMongo('the contract', () => {
  storeContract('MongoDB', async () => {
    const url = mongoUrl();
    const store = await openMongoStore({ url });
    return {
      store,
      setBack: (byMs) =>
        withDatabase(url, async (db) => {
          for (const [collection, fields] of TIMES) {
            for (const document of await db.collection(collection).find().toArray()) {
              for (const field of fields) {
                const at: unknown = document[field];
                if (!(at instanceof Date)) continue;
                const later = new Date(at.getTime() + byMs);
                await db
                  .collection(collection)
                  .updateOne({ _id: document._id }, { $set: { [field]: later } });
              }
            }
          }
        }),
      close: async () => {
        await store.close();
        await dropDatabase(url);
      },
    };
  });
});
