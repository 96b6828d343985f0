import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { machineRegistry } from '../../machines/registry.ts';
import { replaySteps, type ReplayedEntry } from '../../machines/replay.ts';
import { definitionsOf, inspectionOf } from '../../src/inspection/inspection-events.ts';
import { openLiveInspection, type LiveInspection } from '../../src/inspection/live-inspection.ts';
import { anEntry, anOrderId, aState } from '../contracts/order-store/order-store-samples.ts';
import { eventually } from '../support/eventually.ts';

const JOURNALS = JSON.parse(
  readFileSync(new URL('../machines/journals-of-0.2.json', import.meta.url), 'utf8'),
) as readonly {
  readonly title: string;
  readonly entries: readonly (ReplayedEntry & {
    readonly event: { readonly at: number; readonly draw: number };
  })[];
}[];

const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test.each(JOURNALS)(
  'the journal of an order that $title is one actor with an event and a snapshot an entry',
  ({ entries }) => {
    const orderId = anOrderId();
    const journal = entries.map((entry, index) => ({ ...anEntry(orderId, index + 1), ...entry }));
    const [actor, ...events] = inspectionOf(machineRegistry, orderId, journal);
    const steps = replaySteps(machineRegistry, journal);
    expect(actor).toMatchObject({ type: '@xstate.actor', sessionId: orderId, name: orderId });
    expect(events).toHaveLength(2 * entries.length);
    steps.forEach(({ value, context, status }, index) => {
      const event = journal[index]?.event;
      expect(events[2 * index]).toMatchObject({ type: '@xstate.event', rootId: orderId, event });
      expect(events[2 * index + 1]).toMatchObject({
        type: '@xstate.snapshot',
        event,
        snapshot: { value, context, status },
      });
    });
  },
);

test('a journal of an unknown machine version is shown by its states', () => {
  const orderId = anOrderId();
  const entries = [anEntry(orderId, 1, { machineVersion: 7, state: 'routing.quoting' })];
  expect(inspectionOf(machineRegistry, orderId, entries).at(-1)).toMatchObject({
    snapshot: { value: { routing: 'quoting' }, context: {}, status: 'active' },
  });
});

interface Inspector {
  readonly received: { readonly type: string; readonly sessionId: string }[];
  readonly server: WebSocketServer;
  readonly port: number;
}

async function inspector(port = 0): Promise<Inspector> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' });
  const received: Inspector['received'] = [];
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      received.push(JSON.parse((data as Buffer).toString('utf8')) as Inspector['received'][number]);
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  cleanUps.push(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return { received, server, port: (server.address() as AddressInfo).port };
}

function live(
  port: number,
  share: number,
): { readonly inspection: LiveInspection; readonly states: string[] } {
  const states: string[] = [];
  const inspection = openLiveInspection({
    url: `ws://127.0.0.1:${port}`,
    share,
    definitions: definitionsOf(machineRegistry),
    onState: (state) => void states.push(state),
    reconnectMs: 10,
  });
  cleanUps.push(() => inspection.close());
  return { inspection, states };
}

const step = (orderId: string, seq = 1) => ({
  orderId,
  event: anEntry(orderId, seq).event,
  after: aState(),
});

test('an inspector gets each stored transition, and each order announced once', async () => {
  const { received, port } = await inspector();
  const { inspection, states } = live(port, 1);
  await eventually(
    () => states,
    ([first]) => first === 'connected',
  );
  const orderId = anOrderId();
  inspection.inspect(step(orderId, 1));
  inspection.inspect(step(orderId, 2));
  await eventually(
    () => received,
    ({ length }) => length === 5,
  );
  expect(received.map(({ type }) => type)).toEqual([
    '@xstate.actor',
    '@xstate.event',
    '@xstate.snapshot',
    '@xstate.event',
    '@xstate.snapshot',
  ]);
});

test('about the share of the orders is shown, and each of them whole', async () => {
  const { received, port } = await inspector();
  const { inspection, states } = live(port, 0.25);
  await eventually(
    () => states,
    ([first]) => first === 'connected',
  );
  const orderIds = Array.from({ length: 800 }, anOrderId);
  for (const seq of [1, 2]) for (const orderId of orderIds) inspection.inspect(step(orderId, seq));
  const last = 'a'.repeat(32);
  inspection.inspect(step(last));
  await eventually(
    () => received.at(-1)?.sessionId,
    (id) => id === last,
  );
  const shown = new Map<string, number>();
  for (const { sessionId } of received) shown.set(sessionId, (shown.get(sessionId) ?? 0) + 1);
  shown.delete(last);
  expect(new Set(shown.values())).toEqual(new Set([5]));
  expect(shown.size).toBeGreaterThan(140);
  expect(shown.size).toBeLessThan(260);
});

test('an inspector that is away costs nothing, and its return is noticed', async () => {
  const first = await inspector();
  const { port } = first;
  const { inspection, states } = live(port, 1);
  await eventually(
    () => states.at(-1),
    (state) => state === 'connected',
  );
  for (const socket of first.server.clients) socket.terminate();
  await new Promise((resolve) => first.server.close(resolve));
  await eventually(
    () => states.at(-1),
    (state) => state === 'lost',
  );
  const orderId = anOrderId();
  inspection.inspect(step(orderId, 1));
  const second = await inspector(port);
  await eventually(
    () => states.at(-1),
    (state) => state === 'connected',
  );
  inspection.inspect(step(orderId, 2));
  await eventually(
    () => second.received,
    ({ length }) => length === 3,
  );
  expect(second.received[0]).toMatchObject({ type: '@xstate.actor', sessionId: orderId });
});
