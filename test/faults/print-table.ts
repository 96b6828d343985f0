/** Prints the figures of a fault run, one on each line. */
export function printTable(title: string, figures: object, log: (line: string) => void): void {
  log(`\n${title}`);
  for (const [name, value] of Object.entries(figures) as [string, unknown][]) {
    const words = name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
    log(`  ${words.padEnd(28)} ${show(value)}`);
  }
}

/** Of a list, its length and its first items. */
function show(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const listed: readonly unknown[] = value;
  return [listed.length, ...listed.slice(0, SHOWN)].map(String).join('\n    ');
}

const SHOWN = 5;
