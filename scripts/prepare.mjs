/**
 * Runs before `npm start`, `npm run demo` and `npm test`, and does what a fresh clone lacks: the packages, a compiler
 * where one of them has to be built, redis-server, the page. Says what it does before it does it. Uses nothing but Node and npm,
 * and takes no time when nothing is missing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagesToInstall, showInstallation } from './installation-progress.mjs';

const OLDEST_NODE = [20, 19];
const root = fileURLToPath(new URL('..', import.meta.url));
const HEADLESS_SHELL = 'chromium-headless-shell';
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const stampFile = join(root, 'node_modules', '.fillstream-packages');

checkNode();
await installPackages();
installRedis();
if (process.env.npm_lifecycle_event === 'pretest') installChromium();
await buildPage();

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor] = OLDEST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  giveUp(`Node ${OLDEST_NODE.join('.')} or later is needed; this is ${process.versions.node}.`);
}

async function installPackages() {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedPackages()) return;
  say(
    `Installing the packages with npm install, ${packagesToInstall(root).length} of them: half a minute, or three where better-sqlite3 has no ready-made binary …`,
  );
  const failure = 'npm install failed; its output above says why.';
  const isInstalled = await runNpm('install', '--no-audit', '--no-fund');
  if (!isInstalled || !sqliteLoads()) {
    // Without the packages' own scripts it fails only for reasons that no compiler can cure.
    if (!isInstalled && !(await runNpm('install', '--no-audit', '--no-fund', '--ignore-scripts')))
      giveUp(failure);
    await buildSqlite();
  }
  // After the installation, which may have written to package-lock.json.
  writeFileSync(stampFile, wantedPackages());
}

async function buildSqlite() {
  say('better-sqlite3 has no ready-made binary here that loads; building it takes a minute or two …');
  if (!['c++', 'make', 'python3'].every(isOnPath))
    installWithApt(
      ['build-essential', 'python3'],
      'Building it needs a C++ compiler, make and Python 3: install them, then run this again.',
    );
  if (!(await runNpm('rebuild')) || !sqliteLoads())
    giveUp('better-sqlite3 could not be built; the output above says why.');
}

/** What the packages follow from: their lists, and the binary interface of this Node. */
function wantedPackages() {
  const hash = createHash('sha256');
  for (const file of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, file)));
  return hash.update(process.versions.modules).digest('hex');
}

function installRedis() {
  if (process.env.REDIS_URL || isOnPath('redis-server')) return;
  say('redis-server is not on the PATH: Fillstream keeps a private one for its queue and its broadcasts.');
  installWithApt(
    ['redis-server'],
    [
      'Install it, or set REDIS_URL to a server that you run:',
      '  Debian, Ubuntu   sudo apt-get install redis-server',
      '  Fedora           sudo dnf install redis',
      '  macOS            brew install redis',
    ].join('\n'),
  );
  if (!isOnPath('redis-server')) giveUp('apt-get installed no redis-server.');
}

/**
 * For the tests of the page, which are skipped without a browser: it is no reason to fail. Where there is a whole one, its headless shell is
 * tried once an installation of the packages: the tests take a quarter of the CPU time with it. Ubuntu does not have that package.
 */
function installChromium() {
  if (process.env.CHROMIUM || isOnPath(HEADLESS_SHELL) || process.getuid?.() !== 0 || !isOnPath('apt-get'))
    return;
  const isThere = BROWSERS.some(isOnPath);
  const tried = join(root, 'node_modules', '.fillstream-headless-shell');
  if (isThere && (existsSync(tried) || !knowsPackage(HEADLESS_SHELL))) return;
  say(`Installing ${HEADLESS_SHELL} with apt-get, for the tests of the page …`);
  const install = (name) => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name]);
  const isUpdated = run('apt-get', ['update', '-qq']);
  if (isUpdated && (install(HEADLESS_SHELL) || (!isThere && install('chromium')))) return;
  if (!isThere) return say('apt-get failed: the tests of the page are skipped.');
  say('apt-get failed: the tests of the page take the browser that is there.');
  writeFileSync(tried, '');
}

function knowsPackage(name) {
  return spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
}

async function buildPage() {
  if (!existsSync(join(root, 'page'))) return;
  const { digestOfPageSources } = await import('./page/sources.mjs');
  if (builtPageSources() === digestOfPageSources(root)) return;
  say('Building the page (a few seconds) …');
  if (!run(process.execPath, ['--import', 'tsx', 'scripts/page/build.ts']))
    giveUp('The page could not be built; the output above says why.');
}

/** Null where there is no page yet. */
function builtPageSources() {
  try {
    return JSON.parse(readFileSync(join(root, 'page', 'dist', 'page.json'), 'utf8')).sources;
  } catch {
    return null;
  }
}

/** Installs Debian's packages where this user may; else says what to do and ends. */
function installWithApt(packages, advice) {
  const isRoot = process.getuid?.() === 0;
  const maySudo =
    !isRoot && isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!isOnPath('apt-get') || !(isRoot || maySudo)) giveUp(advice);
  const apt = (...args) =>
    isRoot ? run('apt-get', args) : run('sudo', ['-n', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]);
  say(`Installing ${packages.join(' and ')} with apt-get …`);
  const installed =
    apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  if (!installed) giveUp(`apt-get failed.\n${advice}`);
}

function sqliteLoads() {
  try {
    const Database = createRequire(join(root, 'package.json'))('better-sqlite3');
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}

function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** It takes minutes: prints how far it is. */
function runNpm(...args) {
  const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = showInstallation(root, say);
  return new Promise((ended) => {
    const end = (isDone) => {
      stop();
      ended(isDone);
    };
    child.once('error', () => end(false));
    child.once('close', (status) => end(status === 0));
  });
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function giveUp(text) {
  say(text);
  process.exit(1);
}
