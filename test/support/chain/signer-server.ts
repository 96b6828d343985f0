/** A little service that signs by JSON-RPC, honestly or not, with a fresh random number in each signature. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secp256k1 } from 'ox';
import {
  hexToBigInt,
  hexToNumber,
  keccak256,
  numberToHex,
  serializeTransaction,
  type Hex,
  type TransactionSerializableEIP1559,
} from 'viem';
import { privateKeyToAccount, privateKeyToAddress } from 'viem/accounts';
import { z } from 'zod';

const hex = z.string().transform((text): Hex => `0x${text.slice(2)}`);
const quantity = hex.transform((text) => hexToBigInt(text));
const number = hex.transform((text) => hexToNumber(text));
const fields = z.object({
  from: hex,
  to: hex,
  chainId: number,
  nonce: number,
  value: quantity,
  data: hex,
  gas: quantity,
});
const request = z.union([
  fields.extend({ maxFeePerGas: quantity, maxPriorityFeePerGas: quantity }),
  fields.extend({ gasPrice: quantity }),
]);
const call = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) });

/** Makes the answer to a request. */
export type Signing = (asked: TransactionSerializableEIP1559, key: Hex) => unknown;

export function signedBy(key: Hex, transaction: TransactionSerializableEIP1559): Hex {
  const payload = keccak256(serializeTransaction(transaction));
  const { r, s, yParity } = Secp256k1.sign({ payload, privateKey: key, extraEntropy: true });
  return serializeTransaction(transaction, signatureOf(r, s, yParity));
}

export function signatureOf(r: Hex | bigint, s: Hex | bigint, yParity: number) {
  return { r: numberToHex(BigInt(r), { size: 32 }), s: numberToHex(BigInt(s), { size: 32 }), yParity };
}

export class SignerServer {
  readonly keys: readonly Hex[];
  /** Of each request. */
  readonly authorizations: (string | undefined)[] = [];
  readonly methods: string[] = [];
  readonly signed: Hex[] = [];
  sign: Signing = (asked, key) => signedBy(key, asked);
  /** Signed in place of the fields of a legacy transaction. */
  legacyLie: { readonly gasPrice?: bigint; readonly nonce?: number } = {};
  /** In place of `eth_accounts` and `eth_signTransaction`. */
  speaksClef = false;
  /** In place of any answer. */
  answer: ((res: ServerResponse) => void) | null = null;
  readonly #server: Server;
  #port = 0;

  constructor(keys: readonly Hex[]) {
    this.keys = keys;
    this.#server = createServer((req, res) => void this.#serve(req, res));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of req) body += String(chunk);
    this.authorizations.push(req.headers.authorization);
    if (this.answer !== null) {
      this.answer(res);
      return;
    }
    const { id, method, params } = call.parse(JSON.parse(body));
    this.methods.push(method);
    res.setHeader('Content-Type', 'application/json');
    res.end(JSON.stringify({ jsonrpc: '2.0', id, ...(await this.#answerTo(method, params)) }));
  }

  async #answerTo(method: string, [first]: readonly unknown[]): Promise<object> {
    const [accounts, signTransaction] = this.speaksClef
      ? ['account_list', 'account_signTransaction']
      : ['eth_accounts', 'eth_signTransaction'];
    if (method === accounts) {
      return { result: this.keys.map((key) => privateKeyToAddress(key).toLowerCase()) };
    }
    if (method !== signTransaction) {
      return { error: { code: -32601, message: `the method ${method} does not exist` } };
    }
    const { from, ...asked } = request.parse(first);
    const key = this.keys.find((each) => privateKeyToAddress(each).toLowerCase() === from.toLowerCase());
    if (key === undefined) return { error: { code: -32000, message: `no key for ${from}` } };
    const result =
      'gasPrice' in asked
        ? await privateKeyToAccount(key).signTransaction({ ...asked, type: 'legacy', ...this.legacyLie })
        : this.sign({ ...asked, type: 'eip1559' }, key);
    if (typeof result === 'string') this.signed.push(`0x${result.slice(2)}`);
    return { result: this.speaksClef ? { raw: result, tx: {} } : result };
  }
}
