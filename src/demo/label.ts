const WIDTH = 18;

/** A line of the summary. */
export function label(what: string, text: string): string {
  return `${what.padEnd(WIDTH)}${text}`;
}
