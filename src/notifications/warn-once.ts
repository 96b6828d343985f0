import type { Logger } from 'pino';

/** Logs once what may happen a thousand times a second. */
export function warnOnce(log: Pick<Logger, 'warn'>): () => void {
  let warned = false;
  return () => {
    if (!warned)
      log.warn({}, 'a notification from another process is not valid; is another release running?');
    warned = true;
  };
}
