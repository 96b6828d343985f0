/** An order of another owner answers as an unknown one, on every transport. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connectSocketIo, watchByWebSocket } from '../feed/clients.ts';
import { ask, submitted } from '../support/http/rest-client.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { startEdgeServer, type EdgeServer } from './edge-server.ts';

const UNKNOWN = 'a'.repeat(32);
const redis = new RedisServer();
let server: EdgeServer;
let foreign: string;
let mine: string;

beforeAll(() => redis.start());
afterAll(() => redis.remove());
beforeEach(async () => {
  server = await startEdgeServer(redis);
  mine = await submitted(server);
  foreign = await submitted(server);
  server.store.tamper(foreign, { owner: 'another' });
});
afterEach(() => server.stop());

/** With one id for the other, and without what differs from moment to moment. */
function comparable(answer: unknown, orderId: string): string {
  return JSON.stringify(answer)
    .replaceAll(orderId, 'ID')
    .replaceAll(/"timestamp":"[^"]*"/g, '');
}

test.each(['', '/transitions', '/cancel'])('over REST (%s)', async (rest) => {
  const method = rest === '/cancel' ? 'POST' : 'GET';
  const [unknown, refused] = await Promise.all(
    [UNKNOWN, foreign].map(async (orderId) => {
      const { status, json } = await ask(server, `/api/orders/${orderId}${rest}`, { method });
      return comparable({ status, json }, orderId);
    }),
  );
  expect(refused).toBe(unknown);
  expect(refused).toContain('order_not_found');
  expect(server.store.commandsOf(foreign)).toEqual([]);
});

test('over Socket.IO, while one of the own is watched on the same connection', async () => {
  const client = connectSocketIo(server.port);
  const answers: string[] = [];
  for (const orderId of [UNKNOWN, foreign]) {
    const acknowledged = await client.subscribe({ orderId });
    answers.push(comparable({ acknowledged, sent: client.of(orderId) }, orderId));
  }
  expect(answers[1]).toBe(answers[0]);
  expect(answers[1]).toContain('order_not_found');
  expect(await client.subscribe({ orderId: mine })).toMatchObject({ ok: true });
  expect(await client.unsubscribe({ orderId: foreign })).toMatchObject({ wasSubscribed: false });
  client.socket.disconnect();
});

test('over WebSocket, from any `after`', async () => {
  for (const query of ['', '?after=0', '?after=latest', '?after=5']) {
    const answers: string[] = [];
    for (const orderId of [UNKNOWN, foreign]) {
      const { closed, messages } = watchByWebSocket(server.port, `${orderId}${query}`);
      answers.push(comparable({ closed: await closed, messages }, orderId));
    }
    expect(answers[1]).toBe(answers[0]);
    expect(answers[1]).toContain('"closed":4404');
  }
});
