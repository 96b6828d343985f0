/** Pieces of lines for terminals. */

const ESCAPE = '\u001b[';

/** Cut after so many visible characters; what controls a terminal is taken out of it first, colours excepted. */
export function fitted(line: string, columns: number): string {
  let visible = 0;
  let cut = '';
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  for (const [piece] of line.matchAll(/\u001b\[\d+m|[^]/g)) {
    if (piece.startsWith(ESCAPE)) {
      cut += piece;
    } else if (visible < columns && !isControl(piece)) {
      visible += 1;
      cut += piece;
    }
  }
  return cut;
}

function isControl(character: string): boolean {
  const code = character.charCodeAt(0);
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/** `4 s`, `3 m`, `2 h`, `5 d` */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
