import type { Logger } from 'pino';

/** Says once what may come a thousand times a second. */
export function warnOfJunk(log: Pick<Logger, 'warn'>): () => void {
  let warned = false;
  return () => {
    if (!warned) log.warn({}, 'a hint from another process is not understood; is another release running?');
    warned = true;
  };
}
