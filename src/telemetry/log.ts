import { destination, pino, type Level, type Logger } from 'pino';

/**
 * Structured logs on standard error, one JSON object a line; standard output is for people. Each line is written
 * synchronously, so that the last lines before a crash are kept.
 */
export function openLog(level: Level | 'silent'): Logger {
  return pino({ level, base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
}

/** The part of a pino logger that use cases and the edge need. */
export interface Log {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
