/** One address of a chain's node, and for how long it is left alone. */
import { HttpRequestError, RpcRequestError, TimeoutError } from 'viem';
import { z } from 'zod';
import { hideSecretsOf } from '../runtime/address-secrets.ts';
import { JsonPoster, NoAnswer } from './post-json.ts';
import { oneLine } from './one-line.ts';

export interface RpcRequest {
  readonly method: string;
  readonly params?: unknown;
}

/** Codes of providers for too many requests: JSON-RPC's own proposal, Alchemy's, QuickNode's. */
const RATE_LIMIT_CODES: readonly number[] = [-32005, 429, -32007];
const REST_MS = { first: 1_000, most: 30_000 };
/** Of what a provider asks for. */
const LONGEST_REST_MS = 3_600_000;

const answerSchema = z.looseObject({
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});
type RpcError = NonNullable<z.infer<typeof answerSchema>['error']>;

export class Endpoint {
  /** As errors and the log name it: its position in RPC_URL. The address may hold a key. */
  readonly name: string;
  readonly #poster: JsonPoster;
  /** Some providers quote the key that they refuse. */
  readonly #hideSecrets: (text: string) => string;
  readonly #now: () => number;
  #nextId = 1;
  #failures = 0;
  #restsUntil = -Infinity;
  #isLimited = false;

  constructor(url: string, name: string, now: () => number) {
    this.name = name;
    this.#poster = new JsonPoster(url);
    this.#hideSecrets = hideSecretsOf(url);
    this.#now = now;
  }

  /** For how long it is not to be asked, in milliseconds. */
  get restMs(): number {
    return Math.max(0, this.#restsUntil - this.#now());
  }

  /** Whether it rests because it asked for fewer requests: then no request goes to it. */
  get isLimited(): boolean {
    return this.#isLimited && this.restMs > 0;
  }

  /**
   * @throws RpcRequestError what the node answered instead of a result
   * @throws HttpRequestError, TimeoutError it gave no answer; with status 429 it asks for fewer requests. Their texts are one line,
   * without the address.
   */
  async ask({ method, params = [] }: RpcRequest, timeoutMs: number): Promise<unknown> {
    if (this.isLimited) throw this.#limited();
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.#nextId++, method, params });
    const answer = await this.#poster.post(body, timeoutMs).catch((thrown: unknown) => {
      throw thrown instanceof NoAnswer ? this.#unanswered(thrown, timeoutMs) : thrown;
    });
    const read = parse(answer.body);
    const { error } = read ?? {};
    if (answer.status === 429 || (error !== undefined && RATE_LIMIT_CODES.includes(error.code))) {
      this.#rest(retryAfterMs(answer.retryAfter), true);
      throw this.#limited(error?.message);
    }
    const isSuccess = answer.status >= 200 && answer.status < 300;
    if (read === null || (!isSuccess && error === undefined)) {
      this.#rest(retryAfterMs(answer.retryAfter), false);
      const status = `${answer.status} ${this.#hideSecrets(answer.statusText)}`.trim();
      const line = isSuccess ? 'not an answer of JSON-RPC' : oneLine(this.#hideSecrets(answer.body));
      throw this.#failed([status, line].filter(Boolean).join(': '), answer.status);
    }
    this.#failures = 0;
    this.#restsUntil = -Infinity;
    if (error !== undefined) throw this.#refused(error);
    return read.result;
  }

  #rest(askedForMs: number | null, isLimited: boolean): void {
    this.#failures += 1;
    const ownMs = Math.min(REST_MS.first * 2 ** (this.#failures - 1), REST_MS.most);
    this.#restsUntil = this.#now() + (askedForMs ?? ownMs);
    this.#isLimited = isLimited;
  }

  #unanswered({ reason }: NoAnswer, timeoutMs: number): Error {
    this.#rest(null, false);
    return reason.startsWith('no answer within')
      ? new TimeoutError({ body: { timeoutMs }, url: this.name })
      : this.#failed(reason, undefined);
  }

  #failed(details: string, status: number | undefined): HttpRequestError {
    return new HttpRequestError({ details, url: this.name, ...(status === undefined ? {} : { status }) });
  }

  #limited(said = ''): HttpRequestError {
    const seconds = Math.ceil(this.restMs / 1000);
    const wish = `it asks for fewer requests, and gets none for ${seconds} s`;
    const line = oneLine(this.#hideSecrets(said));
    return this.#failed(line === '' ? wish : `${wish}: ${line}`, 429);
  }

  #refused({ code, message, data }: RpcError): RpcRequestError {
    const error = {
      code,
      message: oneLine(this.#hideSecrets(message)),
      ...(data === undefined ? {} : { data }),
    };
    return new RpcRequestError({ body: {}, error, url: this.name });
  }
}

function parse(body: string): z.infer<typeof answerSchema> | null {
  try {
    const read = answerSchema.safeParse(JSON.parse(body));
    return read.success && (Object.hasOwn(read.data, 'result') || read.data.error !== undefined)
      ? read.data
      : null;
  } catch {
    return null;
  }
}

/** Seconds, or a date. Null: it says nothing that can be read. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_REST_MS);
}
