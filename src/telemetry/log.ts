import { destination, pino, type DestinationStream, type Level, type Logger } from 'pino';
import { errorForLog } from './error-for-log.ts';
import { LineLimit } from './line-limit.ts';

/**
 * Structured logs, one JSON object a line; standard output is for people. Each line is written synchronously, so that the last
 * lines before a crash are kept. Of an order, and of any other subject, at most one line a second is written (`LineLimit`);
 * one that still waits is written when the process exits, and lost when it is killed.
 * @param to left out: standard error
 */
export function openLog(level: Level | 'silent', to: DestinationStream = standardError()): Logger {
  const limit = new LineLimit();
  if (level !== 'silent') process.once('exit', () => limit.flush());
  return pino(
    {
      level,
      base: { pid: process.pid },
      serializers: { err: errorForLog },
      hooks: {
        logMethod(args, method, lineLevel) {
          limit.log(this, args, method, lineLevel);
        },
      },
    },
    to,
  );
}

function standardError(): DestinationStream {
  return destination({ fd: 2, sync: true });
}

/** The part of a pino logger that use cases and the edge need. */
export interface Log {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
