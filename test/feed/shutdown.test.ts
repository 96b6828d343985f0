/** A server that shuts down says to each client how long to wait, to each another time. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readEvents } from './event-stream.ts';
import { watchByWebSocket } from './clients.ts';
import { RedisServer } from '../support/redis/redis-server.ts';
import { startEdgeServer } from '../edge/edge-server.ts';
import { submitted } from '../support/http/rest-client.ts';

const redis = new RedisServer();
beforeAll(() => redis.start());
afterAll(() => redis.remove());

test('clients of a server that shuts down are spread over two seconds', async () => {
  const server = await startEdgeServer(redis);
  const orderId = await submitted(server);
  const sockets = Array.from({ length: 20 }, () => watchByWebSocket(server.port, orderId));
  await Promise.all(sockets.map(({ first }) => first(3)));
  const events = await readEvents(`${server.url}/api/orders/${orderId}/events`);
  await events.first(3);
  await server.stop();
  const delays: number[] = [];
  for (const { messages, closed } of sockets) {
    expect(await closed).toBe(1001);
    expect(messages.at(-1)).toMatchObject({ type: 'error', code: 'shutting_down', lastSeq: 1 });
    for (const message of messages) if (message.type === 'error') delays.push(message.retryAfterMs ?? -1);
  }
  expect(delays).toHaveLength(20);
  expect(delays.every((delay) => delay >= 0 && delay <= 2_000)).toBe(true);
  expect(new Set(delays).size).toBeGreaterThan(5);
  expect(events.raw()).toMatch(/"code":"shutting_down".*\n\nretry: \d+\n\n$/);
});
