import { destination, pino, type DestinationStream, type Level, type Logger } from 'pino';
import { errorForLog } from './error-for-log.ts';
import { LineLimit } from './line-limit.ts';

const DEBUG = pino.levels.values['debug'] ?? 0;
const ERROR = pino.levels.values['error'] ?? 0;

/**
 * Structured logs, one JSON object a line; standard output is for people. Each line is written synchronously, so that the last
 * lines before a crash are kept. Of an order, and of any other subject, at most one line a second is written (`LineLimit`);
 * one that still waits is written when the process exits, and lost when it is killed. An `err` below the level `error` is an
 * outage that is dealt with, and is logged without its stack; `LOG_LEVEL=debug` shows that, too.
 * @param to left out: standard error
 */
export function openLog(level: Level | 'silent', to: DestinationStream = standardError()): Logger {
  const limit = new LineLimit();
  if (level !== 'silent') flushAtExit(limit);
  const showsStacks = level !== 'silent' && (pino.levels.values[level] ?? 0) <= DEBUG;
  return pino(
    {
      level,
      base: { pid: process.pid },
      // pino's own would take what the hook below gives for an error, and add a stack to it.
      serializers: {
        err: (err: unknown) => (err instanceof Error ? errorForLog(err) : err),
      },
      hooks: {
        logMethod(args, method, lineLevel) {
          const fields: unknown = args[0];
          if (lineLevel < ERROR && !showsStacks && hasError(fields))
            args[0] = { ...fields, err: errorForLog(fields.err, false) };
          limit.log(this, args, method, lineLevel);
        },
      },
    },
    to,
  );
}

/** One listener, however many logs a process opens. */
const flushedAtExit: LineLimit[] = [];
function flushAtExit(limit: LineLimit): void {
  if (flushedAtExit.length === 0) {
    process.once('exit', () => {
      for (const each of flushedAtExit) each.flush();
    });
  }
  flushedAtExit.push(limit);
}

function standardError(): DestinationStream {
  return destination({ fd: 2, sync: true });
}

function hasError(fields: unknown): fields is { readonly err: Error } {
  return typeof fields === 'object' && fields !== null && 'err' in fields && fields.err instanceof Error;
}

/** The part of a pino logger that use cases and the edge need. */
export interface Log {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
