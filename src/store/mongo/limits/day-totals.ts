import { parseAmount, printAmount } from '../../../../machines/amount.ts';
import type { Added, Addition, DayAccount, DayTotals } from '../../day-totals.ts';
import { MicroBatcher } from '../../../runtime/micro-batcher.ts';
import { CHANGES_PER_WRITE, type Database } from '../database.ts';
import type { DayTotalDocument } from './schema.ts';
import { isDuplicateKey } from '../failures.ts';

/**
 * A total and its additions are several documents, and no transaction spans them. So a change of the total names its additions in
 * the same document, and the next change first copies those names to the additions: at any revision each addition is named in one
 * of both places. A change is guarded by the revision that it has read.
 */
export function openDayTotals(database: Database): DayTotals {
  const { totals, additions } = database.days;

  async function read(account: string, day: string): Promise<DayTotalDocument> {
    for (;;) {
      const found = await database.run(() => totals.findById(account).lean());
      if (found !== null) return found;
      try {
        await database.run(() => totals.insertOne(emptyTotal(account, day)));
      } catch (thrown) {
        if (!isDuplicateKey(thrown)) throw thrown;
      }
    }
  }

  /** Which of these additions were made before this revision. */
  async function addedBefore(account: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const names = ids.map((id) => additionId(account, id));
    const found = await database.run(() => additions.find({ _id: { $in: names } }).lean());
    const there = new Set(found.map(({ _id }) => _id));
    return new Set(ids.filter((id) => there.has(additionId(account, id))));
  }

  async function keepNames({ _id: account, day, last }: DayTotalDocument): Promise<void> {
    const writes = last.map((id) => ({
      updateOne: {
        filter: { _id: additionId(account, id) },
        update: { $setOnInsert: { day } },
        upsert: true,
      },
    }));
    for (;;) {
      try {
        await database.run(() => additions.bulkWrite(writes, { ordered: false }));
        return;
      } catch (thrown) {
        // Another process writes the same.
        if (!isDuplicateKey(thrown)) throw thrown;
      }
    }
  }

  async function addAll(
    account: string,
    day: string,
    wanted: readonly Addition[],
  ): Promise<readonly Added[]> {
    const ids = wanted.map(({ id }) => id);
    for (;;) {
      const seen = await read(account, day);
      const [before] = await Promise.all([
        addedBefore(account, ids),
        ...(seen.last.length === 0 ? [] : [keepNames(seen)]),
      ]);
      const known = new Set([...before, ...seen.last]);
      const added = decide(parseAmount(seen.total), known, wanted);
      if (added.last.length === 0) return added.answers;
      const { matchedCount } = await database.run(() =>
        totals.updateOne(
          { _id: account, revision: seen.revision },
          {
            $set: { total: printAmount(added.total), revision: seen.revision + 1, last: [...added.last] },
          },
        ),
      );
      if (matchedCount === 1) return added.answers;
    }
  }

  /** Additions of this process to one total do not race each other for its document. */
  const additionsInTurn = new MicroBatcher<{ account: string; day: string; addition: Addition }, Added>(
    (batch, account) =>
      addAll(
        account,
        batch[0]?.day ?? '',
        batch.map(({ addition }) => addition),
      ),
    { maxBatch: CHANGES_PER_WRITE, maxInFlight: 1, keyOf: ({ account }) => account },
  );
  return {
    async total(account) {
      const found = await database.run(() => totals.findById(nameOf(account)).lean());
      return parseAmount(found?.total ?? '0');
    },

    async all() {
      const found = await database.run(() => totals.find({}).lean());
      return found.map(({ _id, total }) => ({ ...accountOf(_id), total: parseAmount(total) }));
    },

    add({ owner, token, day }: DayAccount, addition) {
      const account = nameOf({ day, token, owner });
      return additionsInTurn.add({ account, day, addition });
    },
  };
}

/** Neither a day nor a token has a slash; an owner may have anything. */
function nameOf({ day, token, owner }: DayAccount): string {
  return `${day}/${token}/${owner}`;
}

function accountOf(name: string): DayAccount {
  const [day = '', token = '', ...owner] = name.split('/');
  return { day, token, owner: owner.join('/') };
}

function emptyTotal(account: string, day: string): DayTotalDocument {
  return { _id: account, day: new Date(`${day}T00:00:00.000Z`), total: '0', revision: 0, last: [] };
}

interface Decided {
  readonly answers: readonly Added[];
  readonly total: bigint;
  /** What is new. */
  readonly last: readonly string[];
}

function decide(before: bigint, known: ReadonlySet<string>, wanted: readonly Addition[]): Decided {
  let total = before;
  const last = new Set<string>();
  const answers = wanted.map(({ id, amount, most }): Added => {
    if (!known.has(id) && !last.has(id)) {
      if (total + amount > most) return { isAdded: false, total };
      total += amount;
      last.add(id);
    }
    return { isAdded: true, total };
  });
  return { answers, total, last: [...last] };
}

/** An id has no space; an owner may have anything. */
function additionId(account: string, id: string): string {
  return `${id} ${account}`;
}
