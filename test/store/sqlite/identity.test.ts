import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { identityContract } from '../../contracts/identity.contract.ts';
import { tempDir } from '../../support/temp-dir.ts';

identityContract('SQLite', () => {
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
