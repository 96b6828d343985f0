import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { ledgerRecordsContract } from '../../contracts/ledger-records.contract.ts';
import {
  signerLedgerContract,
  type StorePlace,
} from '../../contracts/signer-ledger/signer-ledger.contract.ts';
import { tempDir } from '../../support/temp-dir.ts';

function newPlace(): Promise<StorePlace> {
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
}

signerLedgerContract('SQLite', newPlace);
ledgerRecordsContract('SQLite', newPlace);
