import type { JournalEntry } from '../../../journal/entry.ts';
import type { Journal } from '../../ports.ts';
import type { Database } from '../database.ts';
import { toEntry, type OrderDocument } from './mapping.ts';

interface Wanted {
  readonly orderId: string;
  readonly after: number;
  readonly limit: number;
}

type Entries = readonly JournalEntry[];

export function openJournal(database: Database): Journal {
  const { orders, orderDocuments } = database;

  async function readPages(
    orderIds: readonly string[],
    { after, limit }: Wanted,
  ): Promise<ReadonlyMap<string, Entries>> {
    // Entry `seq` lies at index `seq - 1`.
    const found = await orderDocuments
      .aggregate<Pick<OrderDocument, '_id' | 'journal'>>([
        { $match: { _id: { $in: orderIds } } },
        { $project: { journal: { $slice: ['$journal', after, limit] } } },
      ])
      .toArray();
    return new Map(found.map(({ _id, journal }) => [_id, journal.map(toEntry)]));
  }

  // Most readers begin at the same place, so that one question serves them all.
  const readPage = database.batched<Wanted, Entries>(async (batch) => {
    const samePage = new Map<string, Wanted[]>();
    for (const wanted of batch) {
      const page = `${wanted.after}+${wanted.limit}`;
      samePage.set(page, [...(samePage.get(page) ?? []), wanted]);
    }
    const read = new Map<Wanted, Entries | undefined>();
    await Promise.all(
      [...samePage.values()].map(async (wanted) => {
        const [first] = wanted;
        if (first === undefined) return;
        const entries = await readPages(
          wanted.map(({ orderId }) => orderId),
          first,
        );
        for (const each of wanted) read.set(each, entries.get(each.orderId));
      }),
    );
    return batch.map((wanted) => read.get(wanted) ?? []);
  });

  return {
    read: (orderId, after, limit) => readPage({ orderId, after, limit }),

    async lastSeqs(orderIds) {
      const found = await database.run(() =>
        orders.find({ _id: { $in: [...orderIds] } }, { lastSeq: 1 }).lean(),
      );
      return new Map(found.map(({ _id, lastSeq }) => [_id, lastSeq]));
    },
  };
}
