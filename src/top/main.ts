/** `npm run top [-- ORDER] [--url URL] [--every MS] [--once]` */
import { OperatorError } from '../operator-error.ts';
import { readTopArguments } from './arguments.ts';
import { runTop } from './run-top.ts';

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
// `top | head` ends the reader.
process.stdout.on('error', () => process.exit(0));
try {
  await runTop({
    ...readTopArguments(process.argv.slice(2), process.env['FILLSTREAM_URL'] ?? 'http://127.0.0.1:3000'),
    apiKey: process.env['FILLSTREAM_API_KEY'] ?? null,
    coloured: (process.env['NO_COLOR'] ?? '') === '',
    screen: {
      write: (text) => void process.stdout.write(text),
      size: () =>
        process.stdout.isTTY ? { columns: process.stdout.columns, rows: process.stdout.rows } : null,
    },
    signal: stopped.signal,
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof OperatorError ? 2 : 1);
}
