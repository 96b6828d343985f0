/** A proxy between the stack and its node, which counts requests. */
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const asked = z.object({ method: z.string() });
const bodySchema = z.union([asked.transform((one) => [one]), z.array(asked)]);

export interface CountingProxy {
  readonly url: string;
  /** Requests by method. */
  readonly counts: ReadonlyMap<string, number>;
  reset(): void;
  close(): Promise<void>;
}

export async function countingProxy(nodeUrl: string): Promise<CountingProxy> {
  const counts = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    void read(incoming).then((body) => {
      for (const { method } of bodySchema.parse(JSON.parse(body))) {
        counts.set(method, (counts.get(method) ?? 0) + 1);
      }
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const forwarded = request(nodeUrl, { method: 'POST', agent, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' });
        answer.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    reset: () => counts.clear(),
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return body;
}
