/** A proxy before a node that answers by rules of its own, and counts what it is asked. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

export const requestSchema = z.object({
  id: z.unknown(),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

export type RpcRequest = Pick<z.infer<typeof requestSchema>, 'method' | 'params'>;

/** The node's answer to a request. @throws NodeError what the node says instead */
export type Ask = (request: RpcRequest) => Promise<unknown>;

/** In place of the node. @throws NodeError, HttpStatus */
export type Rule = (request: RpcRequest, ask: Ask) => Promise<unknown>;

export class NodeError extends Error {
  readonly error: { readonly code: number; readonly message: string };

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.error = { code, message, ...(data === undefined ? {} : { data }) };
  }
}

export class HttpStatus extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const answerSchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
});

export class RuledRpc {
  readonly #server: Server;
  readonly #ask: Ask;
  readonly #rule: Rule;
  requests = 0;
  /** Requests that the rule answered with a refusal or a status of HTTP. */
  refused = 0;

  private constructor(nodeUrl: string, rule: Rule) {
    this.#ask = askerOf(nodeUrl);
    this.#rule = rule;
    this.#server = createServer((incoming, outgoing) => {
      void this.#answer(incoming).then(
        ({ status, headers, body }) => outgoing.writeHead(status, headers).end(body),
        () => incoming.socket.destroy(),
      );
    });
  }

  static async open(nodeUrl: string, rule: Rule): Promise<RuledRpc> {
    const proxy = new RuledRpc(nodeUrl, rule);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(incoming: IncomingMessage) {
    this.requests += 1;
    let text = '';
    for await (const chunk of incoming) text += String(chunk);
    const { id, ...request } = requestSchema.parse(JSON.parse(text));
    const json = { 'Content-Type': 'application/json' };
    const reply = (answer: object) => ({
      status: 200,
      headers: json,
      body: JSON.stringify({ jsonrpc: '2.0', id, ...answer }),
    });
    try {
      return reply({ result: (await this.#rule(request, this.#ask)) ?? null });
    } catch (thrown) {
      if (thrown instanceof NodeError) return reply({ error: thrown.error });
      if (!(thrown instanceof HttpStatus)) throw thrown;
      this.refused += 1;
      return { status: thrown.status, headers: thrown.headers, body: thrown.message };
    }
  }
}

export function askerOf(nodeUrl: string): Ask {
  return (request) => askNode(nodeUrl, request);
}

async function askNode(nodeUrl: string, request: RpcRequest): Promise<unknown> {
  const response = await fetch(nodeUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...request }),
  });
  const { result, error } = answerSchema.parse(await response.json());
  if (error !== undefined) throw new NodeError(error.code, error.message, error.data);
  return result;
}
