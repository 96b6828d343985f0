/** Prints how far an installation is: npm itself prints nothing for minutes where its output is not a terminal. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const EVERY_MS = 10_000;

/**
 * @param {string} root of the repository
 * @param {(line: string) => void} say
 * @param {number} [everyMs]
 * @returns {() => void} ends it
 */
export function showInstallation(root, say, everyMs = EVERY_MS) {
  const wanted = packagesToInstall(root);
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const present = wanted.filter((path) => existsSync(join(root, path, 'package.json'))).length;
    if (present < wanted.length) say(`  ${seconds} s: ${present} of ${wanted.length} packages are there`);
    else
      say(
        `  ${seconds} s: all packages are there, and npm runs their scripts: better-sqlite3 is loaded, or compiled`,
      );
  }, everyMs);
  return () => clearInterval(timer);
}

/** Without those that only some platforms get. Empty where there is no list. */
export function packagesToInstall(root) {
  try {
    const { packages = {} } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    return Object.entries(packages)
      .filter(([path, { os, cpu }]) => path !== '' && os === undefined && cpu === undefined)
      .map(([path]) => path);
  } catch {
    return [];
  }
}
