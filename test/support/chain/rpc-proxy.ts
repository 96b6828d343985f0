/** A proxy between a client and its node: it records requests, and answers wrongly where a test needs it. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const requestSchema = z.object({ method: z.string(), params: z.array(z.unknown()).default([]) });

export type RpcRequest = z.infer<typeof requestSchema>;

export interface RpcProxy {
  readonly url: string;
  readonly requests: RpcRequest[];
  /** In place of the node's answer: a status with a body, or none ever (`hang`). Null: the node answers. */
  answer:
    ((request: RpcRequest) => { readonly status: number; readonly body: string } | 'hang' | null) | null;
  /** Which node gets the request. */
  nodeOf: (request: RpcRequest) => string;
  close(): Promise<void>;
}

export async function rpcProxy(nodeUrl: string): Promise<RpcProxy> {
  const server = createServer((incoming, outgoing) => {
    void read(incoming).then(async (body) => {
      const request = requestSchema.parse(JSON.parse(body));
      proxy.requests.push(request);
      const instead = proxy.answer?.(request) ?? null;
      if (instead === 'hang') return;
      if (instead !== null) {
        const type = instead.body.startsWith('{') ? 'application/json' : 'text/plain';
        outgoing.writeHead(instead.status, { 'Content-Type': type }).end(instead.body);
        return;
      }
      const headers = { 'Content-Type': 'application/json' };
      const response = await fetch(proxy.nodeOf(request), { method: 'POST', headers, body });
      outgoing.writeHead(response.status, headers).end(await response.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: RpcProxy = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    answer: null,
    nodeOf: () => nodeUrl,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

async function read(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return body;
}
