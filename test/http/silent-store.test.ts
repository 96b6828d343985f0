/** A store that does not answer holds no request up for longer than five seconds. */
import { expect, test } from '@jest/globals';
import { answerInTime } from '../../src/http/answer-in-time.ts';
import { startRestServer } from '../support/http/rest-server.ts';
import { ask, post, submitted, WETH_TO_USDC } from '../support/http/rest-client.ts';

test('a submission, a read and a list are answered 503 within five seconds, and say when to come back', async () => {
  const server = await startRestServer();
  const orderId = await submitted(server);
  server.store.hang();
  const at = performance.now();
  const answers = await Promise.all([
    post(server, '/api/orders/execute', WETH_TO_USDC),
    ask(server, `/api/orders/${orderId}`),
    ask(server, '/api/orders'),
    post(server, `/api/orders/${orderId}/cancel`),
  ]);
  expect(performance.now() - at).toBeLessThan(5_000);
  for (const { status, json, headers } of answers) {
    expect([status, json['code'], headers.get('retry-after')]).toEqual([503, 'store_unavailable', '1']);
  }
  server.store.hang(false);
  expect((await ask(server, `/api/orders/${orderId}`)).status).toBe(200);
  await server.stop();
});

test('an answer, and a failure, that come in time pass as they are', async () => {
  expect(await answerInTime(Promise.resolve(7))).toBe(7);
  await expect(answerInTime(Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect');
});
