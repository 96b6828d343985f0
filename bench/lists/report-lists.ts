import type { PageFigures } from './measure-lists.ts';

const TITLES = ['stored', 'pages', 'p50 ms', 'p99 ms', 'CPU ms', 'database CPU ms'];
const WIDTH = 17;

export function printLists(figures: readonly PageFigures[]): void {
  console.log(`\nPages of 50 orders, one after the other`);
  console.log('store, page'.padEnd(30) + TITLES.map((title) => title.padStart(WIDTH)).join(''));
  for (const { store, kind, stored, pages, ...page } of figures) {
    const times = [page.p50Ms, page.p99Ms, page.cpuMs, page.databaseCpuMs].map((ms) => ms.toFixed(2));
    const cells = [String(stored), String(pages), ...times];
    console.log(`${store}, ${kind}`.padEnd(30) + cells.map((cell) => cell.padStart(WIDTH)).join(''));
  }
}
