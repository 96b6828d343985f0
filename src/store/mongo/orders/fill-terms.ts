/**
 * Gives terms to orders that an older release ended: all that ended before the first search of this one, and those that an older
 * release beside this one ends. A search starts it and waits for it a short time only; it goes on by itself.
 */
import type { Database } from '../database.ts';
import { ENDED } from '../schema.ts';
import { endFields, type OrderDocument } from './mapping.ts';

const MARK = 'terms';
/** How far the times of commits and their order may differ, over all servers of the database (as in changes.ts). */
const DISORDER_MS = 5_000;
/** How often searches look for orders of an older release. */
const EVERY_MS = 5_000;
const PATIENCE_MS = 1_000;
const BATCH = 200;

type Unfilled = Pick<OrderDocument, '_id' | 'state'>;

export class TermsFill {
  readonly #database: Database;
  #running: Promise<boolean> | null = null;
  #doneAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns false: some orders may have no terms yet */
  async isFilled(): Promise<boolean> {
    if (performance.now() - this.#doneAt < EVERY_MS) return true;
    this.#running ??= this.#fill().finally(() => {
      this.#running = null;
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#running, patience]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @returns false when the store is unavailable: the next search tries again */
  async #fill(): Promise<boolean> {
    try {
      const { schema, clock } = this.#database;
      const begunAt = clock.now();
      const mark = await this.#database.run(() => schema.findById(MARK).lean());
      while ((await this.#fillBatch(mark?.filledTo ?? new Date(0))) > 0);
      const filledTo = new Date(begunAt - DISORDER_MS);
      await this.#database.run(() =>
        schema.updateOne({ _id: MARK }, { $max: { filledTo } }, { upsert: true }),
      );
      this.#doneAt = performance.now();
      return true;
    } catch {
      return false;
    }
  }

  async #fillBatch(from: Date): Promise<number> {
    const { orderDocuments } = this.#database;
    const unfilled = await this.#database.run(() =>
      orderDocuments
        .find<Unfilled>(
          { status: ENDED, updatedAt: { $gte: from }, terms: { $exists: false } },
          { projection: { state: 1 }, hint: 'ended' },
        )
        .limit(BATCH)
        .toArray(),
    );
    if (unfilled.length === 0) return 0;
    await this.#database.run(() =>
      orderDocuments.bulkWrite(
        unfilled.map(({ _id, state }) => {
          const { context } = JSON.parse(state) as { readonly context: unknown };
          return { updateOne: { filter: { _id }, update: { $set: endFields(context) } } };
        }),
        { ordered: false },
      ),
    );
    return unfilled.length;
  }
}
