/** A remote signer's JSON-RPC over HTTP. Every failure may pass: the order waits, and keeps its nonce. */
import { z } from 'zod';
import { hideSecretsOf } from '../../../runtime/address-secrets.ts';
import { EffectError } from '../../../../machines/order/effect-error.ts';

export interface SignerRpcSettings {
  /** User and password, if any, go into the `Authorization` header, and nowhere else. */
  readonly url: string;
  readonly timeoutMs: number;
}

/** @throws EffectError `wait`: signer_unavailable; SignerRefused */
export type SignerRequest = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** The signer answered with an error. */
export class SignerRefused extends EffectError {
  /** The error code of JSON-RPC. */
  readonly rpcCode: number;

  constructor(method: string, rpcCode: number, message: string) {
    super(
      'wait',
      'signer_refused',
      `The remote signer refuses ${method}: ${message.slice(0, 200)} (${rpcCode})`,
    );
    this.name = 'SignerRefused';
    this.rpcCode = rpcCode;
  }
}

const answerSchema = z.union([
  z.object({
    error: z.object({ code: z.number().default(0), message: z.string().default('no reason given') }),
  }),
  z.object({ result: z.unknown() }),
]);

export function signerRpc({ url, timeoutMs }: SignerRpcSettings): SignerRequest {
  const { address, headers } = withoutCredentials(url);
  const hideSecrets = hideSecretsOf(url);
  let lastId = 0;

  return async (method, params) => {
    lastId += 1;
    const body = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params });
    let answer: unknown;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(address, { method: 'POST', headers, body, signal, redirect: 'error' });
      const text = await response.text();
      answer = parseJson(text);
      // A JSON-RPC error says more than the HTTP status that it may come with.
      if (!response.ok && !answerSchema.safeParse(answer).success) {
        throw unavailable(method, `HTTP ${response.status}`);
      }
    } catch (thrown) {
      if (thrown instanceof EffectError) throw thrown;
      throw unavailable(method, reasonOf(thrown, timeoutMs), thrown);
    }
    const read = answerSchema.safeParse(answer);
    if (!read.success) throw unavailable(method, 'the answer is not JSON-RPC');
    if ('error' in read.data) {
      const { code, message } = read.data.error;
      throw new SignerRefused(method, code, hideSecrets(message));
    }
    return read.data.result;
  };
}

function withoutCredentials(url: string): {
  readonly address: string;
  readonly headers: Record<string, string>;
} {
  const parts = new URL(url);
  const [user, password] = [parts.username, parts.password].map(decodeURIComponent);
  parts.username = '';
  parts.password = '';
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (user !== '' || password !== '') {
    headers['Authorization'] = `Basic ${Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64')}`;
  }
  return { address: parts.href, headers };
}

/** Undefined: the text is not valid JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unavailable(method: string, why: string, cause?: unknown): EffectError {
  return new EffectError(
    'wait',
    'signer_unavailable',
    `The remote signer gives no answer to ${method}: ${why}`,
    cause === undefined ? undefined : { cause },
  );
}

/** By its fields, not by its class: what `fetch` throws may be of another realm. */
const reasonSchema = z.object({
  name: z.string().optional(),
  message: z.string().optional(),
  code: z.string().optional().catch(undefined),
});
/** Node's `fetch` throws "fetch failed", with the reason as its cause. */
const thrownSchema = reasonSchema.extend({ cause: reasonSchema.optional().catch(undefined) });

function reasonOf(thrown: unknown, timeoutMs: number): string {
  const read = thrownSchema.safeParse(thrown);
  if (!read.success) return String(thrown);
  const { name, message, cause } = read.data;
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return cause?.code ?? cause?.message ?? message ?? 'no reason given';
}
