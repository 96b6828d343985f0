/** Text as editors write it: a byte order mark is dropped, UTF-16 is refused by name. */
import { readFileSync } from 'node:fs';

const UTF8_MARK = [0xef, 0xbb, 0xbf];
const UTF16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** The message says what was found and what was expected, and quotes nothing of the text. */
export class InvalidText extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidText';
  }
}

/** UTF-8 without its byte order mark. @throws InvalidText */
export function decodeText(bytes: Buffer): string {
  if (UTF16_MARKS.some((mark) => startsWith(bytes, mark)) || bytes.includes(0)) {
    throw new InvalidText('the text is in UTF-16 or binary, expected UTF-8');
  }
  return bytes.toString('utf8', startsWith(bytes, UTF8_MARK) ? UTF8_MARK.length : 0);
}

/** @throws InvalidText; what `readFileSync` throws */
export function readTextFile(file: string): string {
  return decodeText(readFileSync(file));
}

function startsWith(bytes: Buffer, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}
