/** The examples against a server that has API keys: each sends the one in FILLSTREAM_API_KEY, and its stream is admitted. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StackProcess } from '../../src/stack-process/start-stack.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';
import { PYTHON, runExample, startKeyedStack, testWith, TOOLS } from './run-example.ts';

let dir: TempDir;
let stack: StackProcess;
let apiKey: string;

beforeAll(async () => {
  dir = tempDir();
  ({ stack, apiKey } = await startKeyedStack(dir));
}, 60_000);
afterAll(async () => {
  await stack.end('SIGTERM');
  dir.remove();
});

interface Example {
  readonly tool: keyof typeof TOOLS | null;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  'socket-io.mjs': { tool: null, command: process.execPath, args: ['examples/socket-io.mjs'] },
  'websocket-colour.mjs': { tool: null, command: process.execPath, args: ['examples/websocket-colour.mjs'] },
  'event-source.mjs': { tool: null, command: process.execPath, args: ['examples/event-source.mjs'] },
  'shell/sse.sh': { tool: 'curl', command: 'sh', args: ['examples/shell/sse.sh'] },
  'shell/wscat.sh': { tool: 'wscat', command: 'sh', args: ['examples/shell/wscat.sh'] },
  'python/watch_sse.py': {
    tool: 'Python with httpx and httpx-sse',
    command: PYTHON,
    args: ['examples/python/watch_sse.py'],
  },
  'python/watch_socketio.py': {
    tool: 'Python with python-socketio and aiohttp',
    command: PYTHON,
    args: ['examples/python/watch_socketio.py'],
  },
  'go/main.go': { tool: 'Go', command: 'go', args: ['run', '.'], cwd: 'examples/go' },
};

describe('with an API key', () => {
  for (const [file, { tool, command, args, cwd }] of Object.entries(EXAMPLES)) {
    testWith(
      tool ?? 'Node.js',
      tool === null || TOOLS[tool],
      `${file} follows an order to its end`,
      async () => {
        const options = cwd === undefined ? { apiKey } : { apiKey, cwd };
        const { exitCode, output } = await runExample(stack.url, command, args, options);
        expect([exitCode, output]).toEqual([0, expect.stringMatching(/confirmed/)]);
      },
    );
  }

  test('an example without the key is refused, and says why', async () => {
    const { exitCode, output } = await runExample(stack.url, process.execPath, ['examples/socket-io.mjs']);
    expect([exitCode, output]).toEqual([1, expect.stringContaining('unauthorized: ')]);
  });
});
