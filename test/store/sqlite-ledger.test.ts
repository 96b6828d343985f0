import { join } from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { signerLedgerContract } from '../contracts/signer-ledger.contract.ts';
import { tempDir } from '../support/temp-dir.ts';

signerLedgerContract('SQLite', () => {
  const dir = tempDir();
  const file = join(dir.path, 'orders.sqlite');
  return Promise.resolve({
    address: file,
    open: () => openSqliteStore({ file }),
    remove: () => {
      dir.remove();
      return Promise.resolve();
    },
  });
});
