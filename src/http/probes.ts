/** Health checks of the parts of this process, which always answer in time. */

/** Resolves with facts about the part, if there are any, `degraded` where it needs attention; rejects when it does not work. */
export type Probe = () => Promise<(Facts & { readonly status?: 'degraded' }) | undefined>;

type Facts = Readonly<Record<string, unknown>>;

export type PartHealth =
  | { readonly status: 'ok' | 'degraded'; readonly [fact: string]: unknown }
  | { readonly status: 'down'; readonly message: string };

/**
 * Runs at most one probe of a part at a time: calls that come meanwhile share its answer, so that a part that hangs holds one
 * probe and not one for each call.
 */
export function timedProbe(probe: Probe, limitMs: number): () => Promise<PartHealth> {
  let asked: Promise<PartHealth> | null = null;

  async function ask(): Promise<PartHealth> {
    try {
      const facts = await probe();
      return { ...facts, status: facts?.status ?? 'ok' };
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
