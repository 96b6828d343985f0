import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isFinal } from '../../machines/order/state.ts';
import { drawOrder } from '../../src/top/draw-order.ts';
import { runTop, type TopOptions } from '../../src/top/run-top.ts';
import { painter } from '../../src/terminal/style.ts';
import { fitted } from '../../src/top/text.ts';
import { getOrder, listTransitions } from '../../src/client/orders.ts';
import { submitted } from '../support/http/rest-client.ts';
import { startRestServer, type RestServer } from '../support/http/rest-server.ts';

let server: RestServer;
beforeEach(async () => {
  server = await startRestServer();
});
afterEach(() => server.stop());

async function shown(over: Partial<TopOptions>, isTerminal: boolean): Promise<string> {
  const written: string[] = [];
  await runTop({
    url: server.url,
    apiKey: null,
    orderId: null,
    everyMs: 100,
    once: true,
    coloured: true,
    screen: {
      write: (text) => void written.push(text),
      size: () => (isTerminal ? { columns: 100, rows: 24 } : null),
    },
    signal: new AbortController().signal,
    ...over,
  });
  return written.join('');
}

// eslint-disable-next-line no-control-regex -- colours are taken out
const plain = (text: string): string => text.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');

test('a terminal shows counts, parts and the latest orders, within its size', async () => {
  const orderIds = [];
  for (let n = 0; n < 30; n++) orderIds.push(await submitted(server));
  const lines = plain(await shown({}, true))
    .trimEnd()
    .split('\n');
  expect(lines.length).toBeLessThan(24);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines.join('\n')).toMatch(/pending 30 .*confirmed 0/);
  expect(lines.join('\n')).toContain('store');
  const latest = orderIds.at(-1) ?? '';
  expect(lines.some((line) => line.startsWith(latest.slice(0, 8)) && line.includes('pending'))).toBe(true);
});

test('without colours a terminal shows the same text', async () => {
  await submitted(server);
  const orderId = await submitted(server);
  for (const about of [{}, { orderId }]) {
    // eslint-disable-next-line no-control-regex -- colours are what is looked for
    const colours = /\u001b\[\d+m/;
    expect(await shown({ ...about, coloured: true }, true)).toMatch(colours);
    expect(await shown({ ...about, coloured: false }, true)).not.toMatch(colours);
  }
});

test('where the output is no terminal, each reading is a line of JSON', async () => {
  const orderId = await submitted(server);
  const text = await shown({}, false);
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({
    counts: { total: 1, byStatus: { pending: 1 } },
    latest: [{ orderId }],
    endedPerSecond: null,
  });
});

test('one order is drawn as the way that it took', async () => {
  const orderId = await submitted(server);
  const text = plain(await shown({ orderId }, true));
  expect(text).toContain(orderId);
  expect(text).toMatch(/● {4}#1|● +#1 pending/);
});

test('of a long journal the last entries are drawn', async () => {
  const orderId = await submitted(server);
  const order = await getOrder(server.url, orderId);
  const { transitions } = await listTransitions(server.url, orderId);
  const [first] = transitions;
  if (first === undefined) throw new Error('there is no entry');
  const long = Array.from({ length: 40 }, (_, index) => ({ ...first, seq: index + 1 }));
  const lines = drawOrder({ order, transitions: long, at: Date.now() }, 80, 12, painter(true)).map(plain);
  expect(isFinal(order.status)).toBe(false);
  expect(lines).toHaveLength(12);
  expect(lines.at(-1)).toContain('#40');
});

test('an unknown order, and a server that does not answer, end it with what is wrong', async () => {
  await expect(shown({ orderId: 'a'.repeat(32) }, true)).rejects.toThrow(/no order/i);
  await expect(shown({ url: 'http://127.0.0.1:1' }, true)).rejects.toThrow(/127\.0\.0\.1:1/);
});

test('a text of a client cannot control the terminal', () => {
  expect(fitted('a\u001b]0;title\u0007b\u001b[2Jc\u0000\n\u009b2J', 50)).not.toMatch(
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f-\u009f]/,
  );
});
