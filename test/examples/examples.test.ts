/**
 * Runs the examples against a whole stack, as they stand. What a machine lacks (Go, Python's packages, wscat, newman) is skipped with a
 * line that says so: `npm run examples` installs all of it.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { submitOrder } from '../../src/client/orders.ts';
import type { StackProcess } from '../../src/stack-process/start-stack.ts';
import { startOwnStack } from '../support/own-stack.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { EXAMPLE_STACK, PYTHON, runExample, testWith, TOOLS, type Ran } from './run-example.ts';

const ENDED = /confirmed|failed|cancelled/;

let dir: TempDir;
let stack: StackProcess;

beforeAll(async () => {
  dir = tempDir();
  stack = await startOwnStack(dir, EXAMPLE_STACK);
  await stack.ready(30_000);
}, 60_000);
afterAll(async () => {
  await stack.end('SIGTERM');
  dir.remove();
});

const run = (command: string, args: readonly string[], options?: { cwd?: string }): Promise<Ran> =>
  runExample(stack.url, command, args, options);

describe('the examples', () => {
  test.each(['socket-io.mjs', 'websocket-colour.mjs', 'event-source.mjs'])(
    '%s follows an order to its end, and exits',
    async (file) => {
      const { exitCode, output } = await run(process.execPath, [`examples/${file}`]);
      expect([exitCode, output]).toEqual([0, expect.stringMatching(ENDED)]);
      expect(output).toContain('subscribed');
    },
  );

  test('websocket-colour.mjs takes an order id, and colours what it prints', async () => {
    const { orderId } = await submitOrder(stack.url, {
      sellToken: 'WETH',
      buyToken: 'DAI',
      sellAmount: '1000000000000000000',
    });
    const { output } = await run(process.execPath, ['examples/websocket-colour.mjs', orderId]);
    expect(output).toContain('\u001b[32mconfirmed  ██████████');
  });

  testWith('curl', TOOLS.curl, 'shell/sse.sh follows an order to its end', async () => {
    const { exitCode, output } = await run('sh', ['examples/shell/sse.sh']);
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/^data: \{"type":"confirmed"/m)]);
  });

  testWith('wscat', TOOLS.wscat, 'shell/wscat.sh follows an order to its end', async () => {
    const { output } = await run('sh', ['examples/shell/wscat.sh']);
    expect(output).toMatch(/"type":"confirmed"/);
  });

  testWith(
    'Python with httpx and httpx-sse',
    TOOLS['Python with httpx and httpx-sse'],
    'python/watch_sse.py follows an order to its end',
    async () => {
      const { exitCode, output } = await run(PYTHON, ['examples/python/watch_sse.py']);
      expect([exitCode, output]).toEqual([0, expect.stringMatching(/^confirmed 100/m)]);
    },
  );

  testWith(
    'Python with python-socketio and aiohttp',
    TOOLS['Python with python-socketio and aiohttp'],
    'python/watch_socketio.py follows all orders until its own has ended',
    async () => {
      const { exitCode, output } = await run(PYTHON, ['examples/python/watch_socketio.py']);
      expect([exitCode, output]).toEqual([0, expect.stringMatching(/^confirmed /m)]);
    },
  );

  testWith('Go', TOOLS.Go, 'go/main.go follows an order to its end', async () => {
    const { exitCode, output } = await run('go', ['run', '.'], { cwd: 'examples/go' });
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/^confirmed 100/m)]);
  });

  test('each request of requests.http is answered with success', async () => {
    const answers = new Map<string, string>();
    const statuses: unknown[] = [];
    const blocks = readFileSync('examples/requests.http', 'utf8')
      .split(/^### .*$/m)
      .slice(1);
    expect(blocks).toHaveLength(7);
    for (const block of blocks) {
      const text = block
        .replace(/\{\{url\}\}/g, stack.url)
        .replace(/\{\{submit\.response\.body\.orderId\}\}/g, answers.get('submit') ?? '');
      const [head = '', body] = text
        .replace(/^# @name .*\n/m, '')
        .trim()
        .split('\n\n');
      const [first = '', ...headers] = head.split('\n');
      const [method = '', url = ''] = first.split(' ');
      const answer = await fetch(url, {
        method,
        headers: headers.map((line): [string, string] => {
          const [name = '', value = ''] = line.split(': ', 2);
          return [name, value];
        }),
        ...(body === undefined ? {} : { body }),
      });
      statuses.push([first, answer.ok]);
      const name = /^# @name (\w+)/m.exec(block)?.[1];
      const { orderId } = z.looseObject({ orderId: z.string().nullish() }).parse(await answer.json());
      if (name !== undefined && typeof orderId === 'string') answers.set(name, orderId);
    }
    expect(statuses).toEqual(
      statuses.map((each) => [z.tuple([z.string(), z.unknown()]).parse(each)[0], true]),
    );
  });

  test('the table of examples/README.md has each of them', () => {
    const listed = readFileSync('examples/README.md', 'utf8');
    const files = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter(
      (file) =>
        /\.(mjs|sh|py|go|html|ts|http|json)$/.test(file) &&
        !/node_modules|\.venv|package(-lock)?\.json/.test(file),
    );
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !listed.includes(`(${file})`))).toEqual([]);
  });
});
