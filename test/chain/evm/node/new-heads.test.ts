/** Blocks that a node tells of over a WebSocket, on a real anvil: what they cost in requests, and what remains while it is away. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { openChainNode, type ChainNode } from '../../../../src/chain/evm/node/chain-node.ts';
import { openLocalClient, type LocalClient } from '../../../../src/chain/local/local-client.ts';
import { openNewHeads, type NewHeads } from '../../../../src/rpc/new-heads.ts';
import { anvilWith, type AnvilWith } from '../../../support/anvil-with.ts';
import { boundedSignal } from '../../../support/bounded-signal.ts';
import { rpcProxy, type RpcProxy } from '../../../support/chain/rpc-proxy.ts';
import { eventually } from '../../../support/eventually.ts';

const POLL_MS = 20;
const BLOCKS = 6;

let anvil: AnvilWith;
let client: LocalClient;
let proxy: RpcProxy;
let relay: WebSocketServer;
let heads: NewHeads;
let node: ChainNode;
const warnings: string[] = [];

beforeAll(async () => {
  anvil = await anvilWith();
  client = openLocalClient(anvil.rpcUrl);
}, 30_000);
beforeEach(async () => {
  warnings.length = 0;
  proxy = await rpcProxy(anvil.rpcUrl);
  relay = await relayTo(anvil.rpcUrl.replace('http', 'ws'));
  heads = openNewHeads(`ws://127.0.0.1:${(relay.address() as AddressInfo).port}`, (why) =>
    warnings.push(why),
  );
  node = openChainNode(proxy.url, { pollMs: POLL_MS, heads });
});
afterEach(async () => {
  heads.close();
  await closeRelay();
  await proxy.close();
});
afterAll(() => anvil.close());

/** A WebSocket before the node's, which a test can close. */
async function relayTo(url: string, port = 0): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  server.on('connection', (outer) => {
    const inner = new WebSocket(url);
    const early: string[] = [];
    inner.on('open', () => early.forEach((text) => inner.send(text)));
    outer.on('message', (data: Buffer) => {
      if (inner.readyState === WebSocket.OPEN) inner.send(data.toString());
      else early.push(data.toString());
    });
    inner.on('message', (data: Buffer) => outer.send(data.toString()));
    inner.on('error', () => undefined);
    outer.on('close', () => inner.terminate());
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

async function closeRelay(): Promise<void> {
  for (const each of relay.clients) each.terminate();
  await new Promise((resolve) => relay.close(resolve));
}

/** Mines blocks one after the other, each once the one before was seen. @returns the requests for blocks */
async function follow(blocks: number): Promise<number> {
  const signal = boundedSignal('the blocks');
  let seen = (await node.head()).hash;
  proxy.requests.length = 0;
  for (let block = 0; block < blocks; block += 1) {
    const next = node.next(seen, signal);
    await client.mine({ blocks: 1 });
    seen = (await next).hash;
  }
  return proxy.requests.filter(({ method }) => method.startsWith('eth_getBlockBy')).length;
}

/** Until a block was told of. */
async function untilTold(): Promise<void> {
  await eventually(
    async () => {
      const before = proxy.requests.length;
      await follow(1);
      return proxy.requests.length - before;
    },
    () => relay.clients.size > 0,
  );
  await follow(3);
}

test('a block that is told of is seen at once, and costs one request', async () => {
  await untilTold();
  expect(await follow(BLOCKS)).toBe(BLOCKS);
});

test('blocks that are told of cost nothing while nothing waits for them', async () => {
  await untilTold();
  proxy.requests.length = 0;
  await client.mine({ blocks: 3 });
  await eventually(async () => (await client.getBlockNumber()) > 0n, Boolean);
  expect(proxy.requests).toEqual([]);
});

test('while the connection is away blocks are looked for; once it is back they are told of again', async () => {
  await untilTold();
  const { port } = relay.address() as AddressInfo;
  await closeRelay();
  await eventually(
    () => warnings,
    (all) => all.length > 0,
  );
  expect(warnings).toEqual(['the connection ended']);
  await follow(3);
  relay = await relayTo(anvil.rpcUrl.replace('http', 'ws'), port);
  await untilTold();
  expect(await follow(BLOCKS)).toBe(BLOCKS);
  expect(warnings).toHaveLength(1);
});
