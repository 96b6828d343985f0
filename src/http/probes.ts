/** Questions to the parts of this process that always get an answer in time. */

/** Resolves with what is worth knowing of the part, if anything; rejects when it does not work. */
export type Probe = () => Promise<Readonly<Record<string, unknown>> | undefined>;

export type PartHealth =
  | { readonly status: 'ok'; readonly [fact: string]: unknown }
  | { readonly status: 'down'; readonly message: string };

/**
 * Asks a part at most once at a time: those who ask while an answer is due share it, so that a part that hangs holds
 * one question and not one for each time somebody looked.
 */
export function timedProbe(probe: Probe, limitMs: number): () => Promise<PartHealth> {
  let asked: Promise<PartHealth> | null = null;

  async function ask(): Promise<PartHealth> {
    try {
      return { ...(await probe()), status: 'ok' };
    } catch (error) {
      return { status: 'down', message: error instanceof Error ? error.message : String(error) };
    } finally {
      asked = null;
    }
  }

  return async () => {
    asked ??= ask();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<PartHealth>((resolve) => {
      timer = setTimeout(
        () => resolve({ status: 'down', message: `no answer within ${limitMs} ms` }),
        limitMs,
      );
    });
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
