import { OperatorError } from '../operator-error.ts';
import { readOptions } from '../terminal/read-options.ts';

export interface TopArguments {
  /** Without a slash at its end. */
  readonly url: string;
  /** Null: all orders. */
  readonly orderId: string | null;
  readonly everyMs: number;
  readonly once: boolean;
}

const USAGE = 'npm run top [-- ORDER] [--url http://127.0.0.1:3000] [--every 1000] [--once]';

/** @throws OperatorError for an invalid argument */
export function readTopArguments(args: readonly string[], defaultUrl: string): TopArguments {
  const { values, positionals } = readOptions(args, USAGE, {
    allowPositionals: true,
    options: {
      url: { type: 'string', default: defaultUrl },
      every: { type: 'string', default: '1000' },
      once: { type: 'boolean', default: false },
    },
  });
  const everyMs = Number(values.every);
  if (!Number.isInteger(everyMs) || everyMs < 100)
    throw new OperatorError(`--every ${values.every}: expected a whole number of milliseconds, 100 or more`);
  if (positionals.length > 1) throw new OperatorError(`${positionals.join(' ')}: expected one order at most`);
  if (!URL.canParse(values.url))
    throw new OperatorError(`--url ${values.url}: expected a URL, as http://127.0.0.1:3000`);
  return { url: values.url.replace(/\/$/, ''), orderId: positionals[0] ?? null, everyMs, once: values.once };
}
