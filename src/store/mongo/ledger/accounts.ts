import { OtherChain, UnknownAccount, type SignerAccounts } from '../../ledger.ts';
import type { Database } from '../database.ts';
import { isDuplicateKey } from '../failures.ts';
import { toAccount, type AccountDocument } from './mapping.ts';

export function openSignerAccounts(database: Database): SignerAccounts {
  const { accounts } = database.ledger;

  async function make(accountId: string, genesis: string, base: number): Promise<void> {
    try {
      await database.run(() => accounts.insertOne({ _id: accountId, genesis, base, open: [] }));
    } catch (thrown) {
      if (!isDuplicateKey(thrown)) throw thrown;
    }
  }

  return {
    async open(accountId, genesis, base) {
      await make(accountId, genesis, base);
      const stored = toAccount(await readAccount(database, accountId));
      if (stored.genesis !== genesis) throw new OtherChain(accountId, stored.genesis, genesis);
      return stored;
    },

    async read(accountId) {
      return toAccount(await readAccount(database, accountId));
    },

    async list(limit) {
      const found = await database.run(() => accounts.find().sort({ _id: 1 }).limit(limit).lean());
      return found.map(toAccount);
    },

    async halt(accountId, halt) {
      const change =
        halt === null
          ? { $unset: { halted: 1 } }
          : { $set: { halted: { code: halt.code, message: halt.message } } };
      const { matchedCount } = await database.run(() => accounts.updateOne({ _id: accountId }, change));
      if (matchedCount === 0) throw new UnknownAccount(accountId);
    },
  };
}

/** @throws UnknownAccount */
export async function readAccount(database: Database, accountId: string): Promise<AccountDocument> {
  const found = await database.run(() => database.ledger.accounts.findById(accountId).lean());
  if (found === null) throw new UnknownAccount(accountId);
  return found;
}
