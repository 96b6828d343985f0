/**
 * `npm run lint`: types, rules and format, side by side. Each keeps what it found in `node_modules/.cache` and looks only at files that
 * changed. What a rule says of one file may follow from another one's types: `-- --no-cache`, which CI takes, looks at all of them.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const keeps = !process.argv.includes('--no-cache');
const caching = (...options) => (keeps ? options : []);
const cache = 'node_modules/.cache';
/** What ESLint found with other packages installed is not kept: without a package's types it finds faults that are none. */
const packages = createHash('sha256')
  .update(readFileSync(`${root}/node_modules/.package-lock.json`))
  .digest('hex')
  .slice(0, 12);

const CHECKS = {
  eslint: [
    'node_modules/eslint/bin/eslint.js',
    ...caching('--cache', '--cache-strategy', 'content', '--cache-location', `${cache}/eslint-${packages}/`),
    '.',
  ],
  tsc: [
    'node_modules/typescript/bin/tsc',
    ...caching('--incremental', '--tsBuildInfoFile', `${cache}/tsc/typecheck.tsbuildinfo`),
  ],
  'tsc of page': [
    'node_modules/typescript/bin/tsc',
    '-p',
    'page',
    ...caching('--incremental', '--tsBuildInfoFile', `${cache}/tsc/page.tsbuildinfo`),
  ],
  'tsc of test/page': [
    'node_modules/typescript/bin/tsc',
    '-p',
    'test/page',
    ...caching('--incremental', '--tsBuildInfoFile', `${cache}/tsc/test-page.tsbuildinfo`),
  ],
  prettier: [
    'node_modules/prettier/bin/prettier.cjs',
    '--check',
    '--log-level',
    'warn',
    ...caching('--cache', '--cache-strategy', 'content', '--cache-location', `${cache}/prettier/checked`),
    '.',
  ],
};

const results = await Promise.all(Object.entries(CHECKS).map(([name, args]) => check(name, args)));
process.exitCode = results.every(Boolean) ? 0 : 1;

/** Prints what the check says when it has ended. @returns whether it found nothing */
async function check(name, args) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data.toString()));
  const [code] = await once(child, 'close');
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stdout.write(`${name}: ${code === 0 ? 'ok' : 'failed'}, ${seconds} s\n${output}`);
  return code === 0;
}
