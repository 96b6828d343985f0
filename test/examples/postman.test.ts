/**
 * The Postman collection against a whole stack that has an API key. newman runs the requests that it can read, Postman's own command line
 * those of the folder; neither opens the WebSocket and Socket.IO, which the test does as the files say.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { parse } from 'yaml';
import { z } from 'zod';
import type { StackProcess } from '../../src/stack-process/start-stack.ts';
import { eventually } from '../support/eventually.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { BIN, runExample, startKeyedStack, succeeds, testWith, TOOLS } from './run-example.ts';

const FOLDER = 'examples/postman/fillstream';
const COLLECTION = 'examples/postman/fillstream.postman_collection.json';
const webSocketSchema = z.strictObject({
  $kind: z.literal('websocket-request'),
  description: z.string(),
  order: z.number(),
  url: z.string(),
});
const socketIoSchema = z.strictObject({
  $kind: z.literal('socket.io-request'),
  description: z.string(),
  order: z.number(),
  url: z.string(),
  headers: z.array(z.object({ key: z.string(), value: z.string(), disabled: z.literal(true) })),
  events: z.array(z.object({ name: z.string(), subscribeOnConnect: z.literal(true) })),
  messages: z.string(),
  settings: z.object({ version: z.literal('4'), path: z.string() }),
});
const messageSchema = z.strictObject({
  $kind: z.literal('socket.io-message'),
  eventName: z.string(),
  acknowledgement: z.literal(true),
  args: z.array(z.object({ content: z.string(), contentType: z.literal('json') })),
});
const httpSchema = z.object({ name: z.string().optional(), body: z.object({ content: z.string() }) });
const typeSchema = z.object({ type: z.string(), seq: z.number().optional() });

const read = (file: string): unknown => parse(readFileSync(join(FOLDER, file), 'utf8'));

let dir: TempDir;
let stack: StackProcess;
let apiKey: string;
/** The collection's variables, as its request "Submit an order" sets them. */
let variables: Readonly<Record<string, string>>;
const filled = (text: string): string =>
  text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => variables[name] ?? `no variable ${name}`);

beforeAll(async () => {
  dir = tempDir();
  ({ stack, apiKey } = await startKeyedStack(dir));
  const { body } = httpSchema.parse(read('Submit an order.request.yaml'));
  const answer = await fetch(`${stack.url}/api/orders/execute`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${apiKey}` },
    body: body.content,
  });
  const { orderId, wsUrl } = z.object({ orderId: z.string(), wsUrl: z.string() }).parse(await answer.json());
  variables = { url: stack.url, apiKey, orderId, wsUrl };
}, 60_000);
afterAll(async () => {
  await stack.end('SIGTERM');
  dir.remove();
});

describe('the Postman collection', () => {
  test('opens the WebSocket of the order that it submitted, which ends with the order', async () => {
    const { url } = webSocketSchema.parse(read('Watch it on its WebSocket.request.yaml'));
    const socket = new WebSocket(filled(url));
    const types: string[] = [];
    socket.on('message', (data: Buffer) => types.push(typeSchema.parse(JSON.parse(data.toString())).type));
    const closeCode = await new Promise((closed) => socket.once('close', closed));
    expect([types.slice(0, 3), types.at(-1), closeCode]).toEqual([
      ['connection', 'subscribed', 'pending'],
      'confirmed',
      1000,
    ]);
  }, 30_000);

  test('watches the order over Socket.IO by the message that it keeps', async () => {
    const request = socketIoSchema.parse(read('Watch it over Socket.IO.request.yaml'));
    expect(readdirSync(join(FOLDER, request.messages))).toEqual(['subscribe.message.yaml']);
    const message = messageSchema.parse(read(join(request.messages, 'subscribe.message.yaml')));
    const socket = io(filled(request.url), {
      path: request.settings.path,
      transports: ['websocket'],
      extraHeaders: Object.fromEntries(request.headers.map(({ key, value }) => [key, filled(value)])),
    });
    const seqs: number[] = [];
    const types: string[] = [];
    for (const { name } of request.events)
      socket.on(name, (received: unknown) => {
        const { type, seq } = typeSchema.parse(received);
        types.push(type);
        if (seq !== undefined) seqs.push(seq);
      });
    const args = message.args.map(({ content }) => JSON.parse(filled(content)) as unknown);
    const acknowledged: unknown = await socket.timeout(10_000).emitWithAck(message.eventName, ...args);
    expect(acknowledged).toMatchObject({ ok: true });
    await eventually(
      () => types,
      (all) => all.includes('confirmed'),
      20_000,
    );
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    socket.disconnect();
  }, 40_000);

  testWith('newman', TOOLS.newman, 'passes its own tests in newman', async () => {
    const { exitCode, output } = await runExample(stack.url, join(BIN, 'newman'), [
      'run',
      COLLECTION,
      '--env-var',
      `url=${stack.url}`,
      '--env-var',
      `apiKey=${apiKey}`,
      '--color',
      'off',
    ]);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('answers 409')]);
  });

  testWith(
    "Postman's command line (postman-cli)",
    succeeds('postman', '--version'),
    "is sound by Postman's own command line, and passes its own tests there",
    async () => {
      const lint = await runExample(stack.url, 'postman', ['collection', 'lint', FOLDER]);
      expect(lint).toEqual({ exitCode: 0, output: expect.stringContaining('No issues found') });
      const { exitCode, output } = await runExample(stack.url, 'postman', [
        'collection',
        'run',
        FOLDER,
        '--env-var',
        `url=${stack.url}`,
        '--env-var',
        `apiKey=${apiKey}`,
      ]);
      expect([exitCode, output]).toEqual([0, expect.stringContaining('answers 409')]);
    },
  );
});
