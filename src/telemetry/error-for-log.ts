/**
 * An error as the log has it: type, message, where it is wanted the stack with those of its causes, and its plain fields. Objects and arrays among its fields
 * are left out: clients of services attach what they sent, passwords among it (Redis' AUTH with its arguments).
 */
import { stdSerializers } from 'pino';

export function errorForLog(thrown: Error, showsStack = true): object {
  const { type, message, stack } = stdSerializers.err(thrown);
  const fields = Object.entries(thrown).filter(([, value]) =>
    ['string', 'number', 'boolean', 'bigint'].includes(typeof value),
  );
  const plain = (held: unknown): unknown => (held instanceof Error ? errorForLog(held, showsStack) : held);
  return {
    ...Object.fromEntries(fields),
    type,
    message,
    ...(showsStack ? { stack } : {}),
    ...(thrown instanceof AggregateError ? { aggregateErrors: thrown.errors.map(plain) } : {}),
  };
}
