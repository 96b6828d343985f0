import type { RunFigures } from './chain-run.ts';

const SHOWN = 8;

/** @returns whether all promises hold */
export function printRun(
  title: string,
  { endings, counts, broken }: RunFigures,
  log: (line: string) => void,
): boolean {
  log(`\n${title}`);
  for (const [name, count] of Object.entries({ ...counts, ...endings })) log(`  ${name.padEnd(58)} ${count}`);
  for (const [promise, where] of Object.entries(broken)) {
    log(`  ${promise.padEnd(58)} ${where.length === 0 ? 'held' : `BROKEN ${where.length} times`}`);
    for (const each of where.slice(0, SHOWN)) log(`    ${each}`);
  }
  return isHeld(broken);
}

export function isHeld(broken: RunFigures['broken']): boolean {
  return Object.values(broken).every((where) => where.length === 0);
}
