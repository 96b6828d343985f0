import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { storeContract } from '../../contracts/order-store/order-store.contract.ts';
import { tempDir } from '../../support/temp-dir.ts';

storeContract('SQLite', async () => {
  const dir = tempDir();
  const file = join(dir.path, 'orders.sqlite');
  const store = await openSqliteStore({ file });
  return {
    store,
    setBack: (byMs) => {
      const db = new Database(file);
      db.exec(`UPDATE orders SET wake_at = wake_at + ${byMs}, waits_since = waits_since + ${byMs};
        UPDATE workers SET beat_at = beat_at + ${byMs}`);
      db.close();
      return Promise.resolve();
    },
    close: async () => {
      await store.close();
      dir.remove();
    },
  };
});
