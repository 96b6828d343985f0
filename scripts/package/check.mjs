/**
 * `npm run check:package [-- --platforms]`: packs this release, installs it in an empty folder as a user would, starts it there with its
 * private chain, and uses it by its command line and by its client, whose types are checked. With `--platforms` the client also runs in
 * Node.js 22 and 24, Bun and Deno, which npx loads. Minutes, most of them for building better-sqlite3 where no ready-made binary is found.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const PLATFORMS = [['node@22'], ['node@24'], ['bun'], ['deno', 'run', '-A']];
const READY_WITHIN_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'fillstream-package-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const env = { ...process.env, PORT: String(port), FILLSTREAM_URL: url, LOG_LEVEL: 'warn' };
for (const name of ['DATA_DIR', 'MONGODB_URL', 'REDIS_URL', 'RPC_URL', 'EXECUTION']) delete env[name];
let server = null;

try {
  say(`packing into ${folder}`);
  run('npm', ['pack', '--silent', '--pack-destination', folder], root);
  const archive = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  say('installing');
  run('npm', ['install', '--no-audit', '--no-fund', `./${archive}`]);
  run('npx', ['fillstream', 'doctor']);
  say('starting');
  const bin = join(folder, 'node_modules', '.bin', 'fillstream');
  server = spawn(process.execPath, [bin, 'start'], { cwd: folder, env, stdio: 'inherit' });
  await ready();
  run('npx', ['fillstream', 'submit', '0.5', 'WETH', 'USDC', '--watch']);
  for (const file of ['use-client.mjs', 'use-types.ts', 'tsconfig.types.json'])
    cpSync(join(here, file), join(folder, file));
  run(process.execPath, ['use-client.mjs']);
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.types.json']);
  if (process.argv.includes('--platforms')) {
    for (const platform of PLATFORMS) {
      say(platform[0]);
      run('npx', ['-y', ...platform, 'use-client.mjs']);
    }
  }
  say('the package installs, starts, and can be used');
} finally {
  if (server !== null && server.exitCode === null) {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, cwd = folder) {
  execFileSync(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function ready() {
  const until = performance.now() + READY_WITHIN_MS;
  while (performance.now() < until) {
    if (server.exitCode !== null) throw new Error(`fillstream start ended with ${server.exitCode}`);
    const answer = await fetch(`${url}/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`fillstream start was not ready within ${READY_WITHIN_MS} ms`);
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function say(text) {
  console.log(`— ${text}`);
}
