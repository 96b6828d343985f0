/** One HTTP request with a JSON body, over connections that stay open. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** Of an answer with another status than 2xx: more is not read. */
const MOST_ERROR_BYTES = 16 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;

/** The request was not answered. `reason` names no address. */
export class NoAnswer extends Error {
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'NoAnswer';
    this.reason = reason;
  }
}

export class JsonPoster {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: HttpAgent;

  constructor(url: string) {
    this.#url = new URL(url);
    const { username, password } = this.#url;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#headers = {
      'Content-Type': 'application/json',
      ...(username === '' ? {} : { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    };
    this.#url.username = '';
    this.#url.password = '';
    const options = { keepAlive: true, scheduling: 'lifo' } as const;
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** A connection that the other side closed while it was idle is replaced, once. @throws NoAnswer */
  async post(body: string, timeoutMs: number): Promise<Answer> {
    try {
      return await this.#postOnce(body, timeoutMs);
    } catch (thrown) {
      if (!(thrown instanceof NoAnswer) || thrown.cause !== STALE) throw thrown;
      return this.#postOnce(body, timeoutMs);
    }
  }

  #postOnce(body: string, timeoutMs: number): Promise<Answer> {
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { ...this.#headers, 'Content-Length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const request = send(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        read(response)
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
      const timer = setTimeout(() => {
        reject(new NoAnswer(`no answer within ${timeoutMs} ms`));
        request.destroy();
      }, timeoutMs);
      request.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        const isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        reject(new NoAnswer(error.code ?? 'the connection failed', { cause: isStale ? STALE : undefined }));
      });
      request.end(body);
    });
  }
}

const STALE = new Error('the connection was closed while it was idle');

async function read(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, statusMessage: statusText = '', headers } = response;
  const isSuccess = status >= 200 && status < 300;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > (isSuccess ? MOST_BYTES : MOST_ERROR_BYTES)) break;
    }
  } catch (thrown) {
    throw new NoAnswer('the connection was lost in the middle of the answer', { cause: thrown });
  }
  if (isSuccess && bytes > MOST_BYTES) throw new NoAnswer(`the answer has more than ${MOST_BYTES} bytes`);
  return {
    status,
    statusText,
    retryAfter: headers['retry-after'] ?? null,
    body: Buffer.concat(chunks).toString(),
  };
}
