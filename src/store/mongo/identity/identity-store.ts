import type { ApiKeys, AuditLog, IdentityStore, Secrets, Shares } from '../../identity.ts';
import type { Database } from '../database.ts';
import { isDuplicateKey } from '../failures.ts';

export function openIdentityStore(database: Database): IdentityStore {
  return {
    keys: openApiKeys(database),
    shares: openShares(database),
    secrets: openSecrets(database),
    audit: openAuditLog(database),
  };
}

function toDocument<Record extends { readonly id: string }>({ id, ...rest }: Record) {
  return { _id: id, ...rest };
}

function toRecord<Document extends { readonly _id: string }>({ _id: id, ...rest }: Document) {
  return { id, ...rest };
}

/** A repetition finds its document there. */
async function once(insert: () => Promise<unknown>): Promise<void> {
  try {
    await insert();
  } catch (thrown) {
    if (!isDuplicateKey(thrown)) throw thrown;
  }
}

function openApiKeys(database: Database): ApiKeys {
  const { keys } = database.identity;
  return {
    add: (key) => once(() => database.run(() => keys.insertOne(toDocument(key)))),
    find: async (id) => {
      const found = await database.run(() => keys.findById(id).lean());
      return found === null ? null : toRecord(found);
    },
    list: async () =>
      (await database.run(() => keys.find({}).sort({ createdAt: 1, _id: 1 }).lean())).map(toRecord),
    any: async () => (await database.run(() => keys.findOne({}).select({ _id: 1 }).lean())) !== null,
    revoke: async (id, at) => {
      const { modifiedCount } = await database.run(() =>
        keys.updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: at } }),
      );
      return modifiedCount === 1;
    },
  };
}

function openShares(database: Database): Shares {
  const { shares } = database.identity;
  return {
    add: (share) => once(() => database.run(() => shares.insertOne(toDocument(share)))),
    find: async (id) => {
      const found = await database.run(() => shares.findById(id).lean());
      return found === null ? null : toRecord(found);
    },
    ofOrder: async (orderId) =>
      (await database.run(() => shares.find({ orderId }).sort({ createdAt: -1, _id: 1 }).lean())).map(
        toRecord,
      ),
    revoke: async (orderId, id, at) => {
      await database.run(() =>
        shares.updateOne({ _id: id, orderId, revokedAt: null }, { $set: { revokedAt: at } }),
      );
      const found = await database.run(() => shares.findOne({ _id: id, orderId }).lean());
      return found === null ? null : toRecord(found);
    },
  };
}

function openSecrets(database: Database): Secrets {
  const { secrets } = database.identity;
  return {
    keep: async (name, drawn) => {
      await once(() => database.run(() => secrets.insertOne({ _id: name, secret: drawn })));
      const found = await database.run(() => secrets.findById(name).lean());
      if (found === null) throw new Error(`the secret "${name}" was stored and is not there`);
      return found.secret;
    },
  };
}

function openAuditLog(database: Database): AuditLog {
  const { audit } = database.identity;
  return {
    append: (record) => once(() => database.run(() => audit.insertOne(toDocument(record)))),
    list: async (limit, before) => {
      const filter = before === null ? {} : { at: { $lt: before } };
      const found = await database.run(() => audit.find(filter).sort({ at: -1, _id: 1 }).limit(limit).lean());
      return found.map(toRecord);
    },
  };
}
