import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { dayTotalsContract } from '../../contracts/day-totals.contract.ts';
import { tempDir } from '../../support/temp-dir.ts';

dayTotalsContract('SQLite', () => {
  const dir = tempDir();
  const file = join(dir.path, 'orders.sqlite');
  return {
    address: file,
    open: () => openSqliteStore({ file }),
    remove: () => {
      dir.remove();
      return Promise.resolve();
    },
  };
});
