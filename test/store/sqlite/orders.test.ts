import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { storeContract } from '../../contracts/order-store/order-store.contract.ts';
import { tempDir } from '../../support/temp-dir.ts';

storeContract('SQLite', async () => {
  const dir = tempDir();
  const store = await openSqliteStore({ file: join(dir.path, 'orders.sqlite') });
  return {
    store,
    close: async () => {
      await store.close();
      dir.remove();
    },
  };
});
