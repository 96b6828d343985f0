/** `npm run top [-- ORDER] [--url URL] [--every MS] [--once]` */
import { parseArgs } from 'node:util';
import { runTop } from './run-top.ts';

const USAGE = 'npm run top [-- ORDER] [--url http://127.0.0.1:3000] [--every 1000] [--once]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: process.env['FILLSTREAM_URL'] ?? 'http://127.0.0.1:3000' },
    every: { type: 'string', default: '1000' },
    once: { type: 'boolean', default: false },
  },
});
const everyMs = Number(values.every);
if (positionals.length > 1 || !Number.isInteger(everyMs) || everyMs < 100) {
  console.error(`${USAGE}: expected at most one order, and a whole number of milliseconds from 100`);
  process.exit(2);
}
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
// `top | head` ends the reader.
process.stdout.on('error', () => process.exit(0));
try {
  await runTop({
    url: values.url.replace(/\/$/, ''),
    apiKey: process.env['FILLSTREAM_API_KEY'] ?? null,
    orderId: positionals[0] ?? null,
    everyMs,
    once: values.once,
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
  process.exit(1);
}
