import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { BatchingWebSocketServer } from '../../../src/feed/core/batching-websocket.ts';
import { eventually } from '../../support/eventually.ts';

let server: Server;
let client: WebSocket;
let opened: { readonly ws: WebSocket; readonly connection: Duplex };
const received: string[] = [];

beforeEach(async () => {
  received.length = 0;
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upgrades = new BatchingWebSocketServer({ noServer: true });
  const welcomed = new Promise<typeof opened>((resolve) => {
    server.on('upgrade', (req, connection, head) => {
      upgrades.handleUpgrade(req, connection, head, (ws) => resolve({ ws, connection }));
    });
  });
  const { port } = server.address() as AddressInfo;
  client = new WebSocket(`ws://127.0.0.1:${port}/`);
  client.on('message', (data: Buffer) => received.push(data.toString()));
  opened = await welcomed;
});

afterEach(() => {
  client.terminate();
  opened.ws.terminate();
  server.close();
});

test('what one turn of the event loop sends is held back until its end, counts as buffered, and comes in order', async () => {
  const { ws, connection } = opened;
  for (const text of ['first', 'second', 'third']) ws.send(text);
  expect(connection.writableCorked).toBe(1);
  expect(ws.bufferedAmount).toBeGreaterThan('firstsecondthird'.length);
  await eventually(
    () => received.length,
    (length) => length === 3,
  );
  expect(received).toEqual(['first', 'second', 'third']);
  expect([connection.writableCorked, ws.bufferedAmount]).toEqual([0, 0]);
});

test('what was sent just before the close arrives, with the reason of the close', async () => {
  const closed = once(client, 'close');
  opened.ws.send('last');
  opened.ws.close(4000, 'the reason');
  const [code, reason] = (await closed) as [number, Buffer];
  expect([received, code, reason.toString()]).toEqual([['last'], 4000, 'the reason']);
});

test('a message may be sent with options, and its callback runs once it is written', async () => {
  await new Promise<void>((resolve) => opened.ws.send('told', { binary: false }, () => resolve()));
  await eventually(
    () => received.length,
    (length) => length === 1,
  );
  expect(received).toEqual(['told']);
});
