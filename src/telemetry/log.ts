import { destination, pino, type Level, type Logger } from 'pino';

/**
 * Structured logs, a JSON object a line, on standard error: standard output is for people. Written at once, so that
 * the last lines before a crash are there.
 */
export function openLog(level: Level | 'silent'): Logger {
  return pino({ level, base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
}

/** As much of a logger as the use cases and the edge need; pino's fits. */
export interface Log {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
