/** The addresses of the API. All requests and streams of a client go to the same one, until it fails. */
export class Endpoints {
  readonly #urls: readonly string[];
  #turn = 0;

  /** @throws TypeError for an address that is not http:// or https:// */
  constructor(urls: string | readonly string[]) {
    this.#urls = (typeof urls === 'string' ? [urls] : urls).map(normalised);
    if (this.#urls.length === 0) throw new TypeError('url: expected at least one address of the API');
  }

  /** Without a slash at its end. */
  get current(): string {
    return this.#urls[this.#turn % this.#urls.length] ?? '';
  }

  /** The next one takes over, unless that has happened since `url` was current. */
  failed(url: string): void {
    if (url === this.current) this.#turn += 1;
  }
}

function normalised(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`url: expected an http:// or https:// address, got "${text}"`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
