import type { Logger } from 'pino';

/** Says once what may come a thousand times a second. */
export function warnOnce(log: Pick<Logger, 'warn'>): () => void {
  let warned = false;
  return () => {
    if (!warned)
      log.warn({}, 'a notification from another process is not understood; is another release running?');
    warned = true;
  };
}
