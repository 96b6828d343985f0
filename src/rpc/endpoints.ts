/**
 * The endpoints of one chain, in the order in which RPC_URL names them. A request goes to the first one that does not rest: so most
 * answers come from one view of the chain. One that fails, or asks for fewer requests, is passed over and tried again later.
 */
import { custom, HttpRequestError, RpcRequestError, TimeoutError, type Transport } from 'viem';
import { Endpoint, type RpcRequest } from './endpoint.ts';

export interface EndpointsOptions {
  /** For one endpoint, in milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds since some moment, never set back. */
  readonly now?: () => number;
}

/** What RPC_URL lists: addresses, separated by commas or spaces. */
export function splitRpcUrls(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** A node that has pruned old states says so in these words; another endpoint may have them. */
const PRUNED = /missing trie node|pruned|state .*(?:is )?not available|historical state/i;
/** geth's code for it. */
const PRUNED_CODE = 4444;

export class RpcEndpoints {
  readonly #all: readonly Endpoint[];
  readonly #timeoutMs: number;

  constructor(urls: readonly string[], { timeoutMs, now = () => performance.now() }: EndpointsOptions) {
    if (urls.length === 0) throw new Error('expected the address of at least one endpoint');
    this.#all = urls.map((url, index) => new Endpoint(url, `endpoint ${index + 1} of RPC_URL`, now));
    this.#timeoutMs = timeoutMs;
  }

  get count(): number {
    return this.#all.length;
  }

  /** @throws viem's errors, of the first endpoint that was asked; see `Endpoint.ask` */
  async request(request: RpcRequest): Promise<unknown> {
    let last: unknown = null;
    for (const endpoint of this.#inOrder()) {
      try {
        return await endpoint.ask(request, this.#timeoutMs);
      } catch (thrown) {
        if (!isPassedOver(thrown)) throw thrown;
        last ??= thrown;
      }
    }
    throw last;
  }

  /** From each endpoint by itself, one after the other, for as long as `wants` says so. One that gives no answer is left out. */
  async requestFromEach<T>(
    ask: (request: (asked: RpcRequest) => Promise<unknown>) => Promise<T>,
    wants: (answers: readonly T[]) => boolean,
  ): Promise<readonly T[]> {
    const answers: T[] = [];
    for (const endpoint of this.#inOrder()) {
      if (!wants(answers)) break;
      try {
        answers.push(await ask((asked) => endpoint.ask(asked, this.#timeoutMs)));
      } catch (thrown) {
        if (!isPassedOver(thrown) && !(thrown instanceof RpcRequestError)) throw thrown;
      }
    }
    return answers;
  }

  /** For viem. It does not retry: orders have their own retries. */
  get transport(): Transport {
    return custom({ request: (asked: RpcRequest) => this.request(asked) }, { retryCount: 0 });
  }

  /** Those that rest come last, the one whose rest ends first before the others. One that is limited is not asked, and says so. */
  #inOrder(): readonly Endpoint[] {
    const ready = this.#all.filter(({ restMs }) => restMs === 0);
    const resting = this.#all.filter(({ restMs }) => restMs > 0);
    return [...ready, ...resting.sort((one, other) => one.restMs - other.restMs)];
  }
}

function isPassedOver(thrown: unknown): boolean {
  if (thrown instanceof HttpRequestError || thrown instanceof TimeoutError) return true;
  return thrown instanceof RpcRequestError && (thrown.code === PRUNED_CODE || PRUNED.test(thrown.details));
}
