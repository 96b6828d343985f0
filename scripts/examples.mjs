/** `npm run examples`: installs what the examples need, in their own folders, and runs all of them. Needs the network the first time. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** @param {string} command @param {string[]} args @param {string} [cwd] */
function run(command, args, cwd = '.') {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run('npm', ['install', '--no-package-lock', '--no-fund', '--no-audit', '--loglevel=error'], 'examples');
if (!existsSync('examples/.venv')) run('python3', ['-m', 'venv', 'examples/.venv']);
run('examples/.venv/bin/python', [
  '-m',
  'pip',
  'install',
  '--quiet',
  '--requirement',
  'examples/python/requirements.txt',
]);
run('npm', ['test', '--', 'test/examples', 'test/page/examples']);
