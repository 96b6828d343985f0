import { InvalidCursor } from '../../ports.ts';

/** Where a page ended: the last order's creation, and its number for those of the same millisecond. */
export interface Position {
  readonly createdAt: number;
  readonly no: number;
}

export function encodeCursor({ createdAt, no }: Position): string {
  return Buffer.from(`${createdAt}.${no}`).toString('base64url');
}

/** @throws InvalidCursor for anything that `encodeCursor` did not make */
export function decodeCursor(cursor: string): Position {
  const parts = /^(\d{1,15})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const position = { createdAt: Number(parts?.[1]), no: Number(parts?.[2]) };
  // Decoding skips what is not base64url: only the exact text that was given out is taken.
  if (parts === null || encodeCursor(position) !== cursor) throw new InvalidCursor(cursor);
  return position;
}
