/**
 * Those of one process that want to change one document do not race each other for it: one change at a time, and who comes
 * meanwhile is in the next one, together.
 */
interface Waiting<Wish, Answer> {
  readonly wish: Wish;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** A request stays of a size that a server is quick with. */
const MOST_AT_ONCE = 100;

/** @returns an answer to each, in their order */
type ActForAll<Wish, Answer> = (wishes: readonly Wish[]) => Promise<readonly Answer[]>;

export class InTurns<Wish, Answer> {
  readonly #lines = new Map<string, Waiting<Wish, Answer>[]>();

  take(key: string, wish: Wish, act: ActForAll<Wish, Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(key);
      const own = { wish, resolve, reject };
      if (line !== undefined) line.push(own);
      else {
        this.#lines.set(key, [own]);
        void this.#serve(key, act);
      }
    });
  }

  async #serve(key: string, act: ActForAll<Wish, Answer>): Promise<void> {
    for (;;) {
      // Whoever comes in the same turn of the event loop comes along.
      await Promise.resolve();
      const line = this.#lines.get(key)?.splice(0, MOST_AT_ONCE) ?? [];
      if (line.length === 0) break;
      try {
        const answers = await act(line.map(({ wish }) => wish));
        for (const [index, answer] of answers.entries()) line[index]?.resolve(answer);
      } catch (thrown) {
        for (const { reject } of line) reject(thrown);
      }
    }
    this.#lines.delete(key);
  }
}
