/** As much of a logger as the use cases and the edge need; pino's fits. */
export interface Log {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
