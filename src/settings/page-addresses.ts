/** Addresses that are compared with what browsers send, in the form in which they send them. */

/** The message says what was expected, and quotes nothing. */
export class InvalidAddress extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidAddress';
  }
}

/** Apps and browser extensions: `capacitor://localhost`, `chrome-extension://abcdef`. */
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(:\d{1,5})?$/;
const NOT_OF_PAGES = /^(wss?|ftp|file):/;

/**
 * `https://App.Example:443/` as `https://app.example`.
 * @throws InvalidAddress for what no page's origin can equal
 */
export function readOrigin(text: string): string {
  const expected = 'expected origins like https://app.example';
  if (text === '*') throw new InvalidAddress(`* is not supported: ${expected}, each by name`);
  if (text === 'null') {
    throw new InvalidAddress(`null is the origin of every sandboxed page and local file: ${expected}`);
  }
  if (!/^https?:/i.test(text)) {
    const other = text.toLowerCase();
    if (OTHER_SCHEME.test(other) && !NOT_OF_PAGES.test(other)) return other;
    throw new InvalidAddress(`it is not http:// or https:// and a host: ${expected}`);
  }
  const url = parseHttpUrl(text, expected);
  if (url.pathname !== '/') throw new InvalidAddress(`it has a path: ${expected}`);
  return url.origin;
}

/**
 * The address of the server for its clients, without a slash at its end: `https://orders.example/prefix`.
 * @throws InvalidAddress
 */
export function readPublicUrl(text: string): string {
  const url = parseHttpUrl(text, 'expected http:// or https://, a host and at most a path');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function parseHttpUrl(text: string, expected: string): URL {
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    throw new InvalidAddress(`it is not http:// or https:// and a host: ${expected}`);
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw new InvalidAddress(`it has credentials: ${expected}`);
  if (text.includes('?') || text.includes('#'))
    throw new InvalidAddress(`it has a query or hash: ${expected}`);
  if (url.hostname.includes('*')) throw new InvalidAddress(`* in a host is not supported: ${expected}`);
  return url;
}
