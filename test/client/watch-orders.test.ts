import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { watchOrders, type OrderWatcher, type WatchError } from '../../src/client/watch-orders.ts';
import type { JournaledMessage } from '../../src/protocol/messages.ts';
import { eventually } from '../support/eventually.ts';

const ONE = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const timestamp = '2026-11-22T10:00:00.000Z';

let io: Server;
let watcher: OrderWatcher;
let subscriptions: unknown[];
let entries: JournaledMessage[];
let errors: WatchError[];

beforeEach(async () => {
  const http = createServer();
  io = new Server(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  subscriptions = [];
  entries = [];
  errors = [];
  io.on('connection', (socket) => socket.on('subscribe', (payload) => subscriptions.push(payload)));
  watcher = watchOrders({
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    onEntry: (message) => entries.push(message),
    onError: (error) => errors.push(error),
  });
});
afterEach(async () => {
  watcher.close();
  await io.close();
});

function entry(orderId: string, seq: number, type: 'pending' | 'failed' = 'pending'): object {
  const shared = { type, orderId, seq, state: type, progress: 0, message: 'x', timestamp };
  if (type === 'pending') return shared;
  return { ...shared, lastProgress: 0, reason: { code: 'no_route', message: 'x' } };
}

async function isSubscribed(count: number): Promise<void> {
  await eventually(
    () => subscriptions.length,
    (length) => length === count,
  );
}

async function hasReceived(count: number): Promise<void> {
  await eventually(
    () => entries.length + errors.length,
    (received) => received === count,
  );
}

test('subscribes from the start, and after a reconnection from the last seq of each order that has not ended', async () => {
  watcher.watch(ONE);
  watcher.watch(OTHER);
  await isSubscribed(2);
  for (const message of [entry(ONE, 1), entry(ONE, 2), entry(OTHER, 1), entry(OTHER, 2, 'failed')]) {
    io.emit('status', message);
  }
  await hasReceived(4);
  io.sockets.sockets.forEach((socket) => socket.conn.close());
  await isSubscribed(3);
  expect(subscriptions).toEqual([
    { orderId: ONE, after: 0 },
    { orderId: OTHER, after: 0 },
    { orderId: ONE, after: 2 },
  ]);
});

test('passes repeated entries on: it does not repair a feed', async () => {
  watcher.watch(ONE);
  await isSubscribed(1);
  for (const seq of [1, 1, 3]) io.emit('status', entry(ONE, seq));
  await hasReceived(3);
  expect(entries.map(({ seq }) => seq)).toEqual([1, 1, 3]);
});

test('subscribes again when the server cannot read its store', async () => {
  watcher.watch(ONE);
  await isSubscribed(1);
  io.emit('status', entry(ONE, 1));
  const error = { type: 'error', code: 'store_unavailable', message: 'x', timestamp, orderId: ONE };
  io.emit('status', error);
  await isSubscribed(2);
  expect(subscriptions[1]).toEqual({ orderId: ONE, after: 1 });
  expect(errors).toEqual([]);
});

test('reports errors, and messages that are not of the protocol', async () => {
  watcher.watch(ONE);
  await isSubscribed(1);
  io.emit('status', { type: 'error', code: 'order_not_found', message: 'There is none', timestamp });
  io.emit('status', { type: 'news' });
  await hasReceived(2);
  expect(errors).toEqual([
    { code: 'order_not_found', message: 'There is none' },
    { code: 'invalid_message', message: 'not a protocol message: {"type":"news"}' },
  ]);
});
