/**
 * At most one line a second about each subject, so that an order that fails in a tight loop does not fill the log. The first line
 * is written at once. Of the others the most severe one, and among those the last, is written when the second is over; its field
 * `leftOut` counts the lines that were never written.
 */
import type { LogFn, Logger } from 'pino';

const SECOND_MS = 1_000;

/** The field that names what a line is about, in the order in which they count. A line without any is about its text. */
const SUBJECT_FIELDS = ['orderId', 'signer', 'accountId', 'redis'] as const;

interface Withheld {
  readonly level: number;
  readonly write: (leftOut: number) => void;
}

interface Second {
  readonly timer: NodeJS.Timeout;
  withheld: Withheld | null;
  leftOut: number;
}

export class LineLimit {
  readonly #seconds = new Map<string, Second>();

  /** For pino's hook `logMethod`. Fields that a child logger adds are not read. */
  log(logger: Logger, args: Parameters<LogFn>, method: LogFn, level: number): void {
    this.pass(subjectOf(args), {
      level,
      write: (leftOut) => method.apply(logger, leftOut === 0 ? args : withCount(args, leftOut)),
    });
  }

  pass(subject: string, line: Withheld): void {
    const second = this.#seconds.get(subject);
    if (second === undefined) {
      line.write(0);
      this.#begin(subject);
      return;
    }
    if (second.withheld !== null) second.leftOut += 1;
    if (second.withheld === null || line.level >= second.withheld.level) second.withheld = line;
  }

  /** Writes what waits for the end of its second. */
  flush(): void {
    for (const [subject, { timer, withheld, leftOut }] of this.#seconds) {
      clearTimeout(timer);
      this.#seconds.delete(subject);
      withheld?.write(leftOut);
    }
  }

  #begin(subject: string): void {
    // It keeps no process alive: a process that exits flushes.
    const timer = setTimeout(() => this.#end(subject), SECOND_MS).unref();
    this.#seconds.set(subject, { timer, withheld: null, leftOut: 0 });
  }

  #end(subject: string): void {
    const second = this.#seconds.get(subject);
    this.#seconds.delete(subject);
    if (second === undefined || second.withheld === null) return;
    second.withheld.write(second.leftOut);
    this.#begin(subject);
  }
}

function subjectOf([first, second]: readonly unknown[]): string {
  if (typeof first !== 'object' || first === null) return `text ${String(first)}`;
  const fields = new Map<string, unknown>(Object.entries(first));
  for (const name of SUBJECT_FIELDS) {
    const value = fields.get(name);
    if (typeof value === 'string') return `${name} ${value}`;
  }
  return `text ${String(second)}`;
}

function withCount([first, ...rest]: Parameters<LogFn>, leftOut: number): Parameters<LogFn> {
  if (typeof first === 'string') return [{ leftOut }, first, ...rest];
  const fields = first instanceof Error ? { err: first } : first;
  return [Object.assign({}, fields, { leftOut }), ...rest];
}
