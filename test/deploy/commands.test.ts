/** What the documents tell a reader to type and to read: JSON is JSON, scripts and settings exist, and the tutorial runs as it stands. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { SETTING_NAMES } from '../../src/settings/config.ts';
import type { StackProcess } from '../../src/stack-process/start-stack.ts';
import { faultOf } from '../support/http/described-answers.ts';
import { startOwnStack } from '../support/own-stack.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.startsWith('decisions'))
    .map((file) => join('docs', file)),
];
const textOf = (file: string): string => readFileSync(file, 'utf8');
const blocksOf = (file: string, language: string): string[] =>
  [...textOf(file).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block = '']) => block,
  );

test.each(DOCUMENTS)('every JSON block of %s is JSON', (file) => {
  for (const block of blocksOf(file, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow();
});

test('the quote in rest.md is an answer to POST /api/quotes', () => {
  const [quote = ''] = blocksOf('docs/reference/rest.md', 'json');
  const answer = { method: 'POST', path: '/api/quotes', status: 200, contentType: 'application/json' };
  expect(faultOf({ ...answer, text: quote })).toBeNull();
});

test.each(DOCUMENTS)('every npm script that %s names exists', (file) => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(textOf('package.json')));
  const named = [...textOf(file).matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

test.each(DOCUMENTS)('every setting that a command of %s gives exists', (file) => {
  const commands = [...textOf(file).matchAll(/^(?:[A-Z][A-Z_]+=\S+ )+(?=npm |node )/gm)].map(
    ([settings]) => settings,
  );
  const names = commands.flatMap((settings) =>
    [...settings.matchAll(/([A-Z_]+)=/g)].map(([, name = '']) => name),
  );
  const others = ['FAULTS', 'SEED', 'TEST_SEED', 'NODE_OPTIONS'];
  expect(names.filter((name) => !SETTING_NAMES.includes(name) && !others.includes(name))).toEqual([]);
});

test('command-line.md has each command', () => {
  const { stdout } = spawnSync(process.execPath, [...MAIN, '--help'], { encoding: 'utf8' });
  const names = [...stdout.matchAll(/^ {2}([a-z][a-z-]+)(?= )/gm)].map(([, name = '']) => name);
  expect(names).toEqual(expect.arrayContaining(['start', 'keys', 'submit', 'completion']));
  const text = textOf('docs/reference/command-line.md');
  expect(names.filter((name) => !new RegExp(`\`${name}[\` ]`).test(text))).toEqual(['help']);
});

test('troubleshooting.md quotes texts that the code has', () => {
  const sources = ['src', 'machines'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => textOf(join(folder, file))),
  );
  const all = sources.join('\n');
  const quoted = [...textOf('docs/troubleshooting.md').matchAll(/^\| (?:\d{3} )?`([^`]+)`/gm)].map(
    ([, text = '']) => text,
  );
  expect(quoted.length).toBeGreaterThan(15);
  expect(quoted.filter((text) => !all.includes(text))).toEqual([]);
});

describe('the tutorial', () => {
  let dir: TempDir;
  let stack: StackProcess;
  beforeAll(async () => {
    dir = tempDir();
    stack = await startOwnStack(dir, {
      EXECUTION: '',
      RPC_URL: '',
      LOCAL_BLOCK_MS: '200',
      CONFIRMATIONS: '1',
    });
    await stack.ready(60_000);
  }, 90_000);
  afterAll(async () => {
    await stack.end('SIGTERM');
    dir.remove();
  });

  test('runs as it stands, in one shell, and shows what it says', () => {
    const blocks = blocksOf('docs/tutorial/first-order.md', 'sh');
    expect(blocks).toHaveLength(5);
    const script = ['set -eu', ...blocks].join('\necho\n').replaceAll('http://127.0.0.1:3000', stack.url);
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8', timeout: 90_000 });
    expect([status, stderr]).toEqual([0, '']);
    for (const shown of [
      '"why":"',
      '"wsUrl":"',
      '"type":"confirmed"',
      '"type":"retry"',
      '"type":"failed"',
      '"dryRun":true',
    ]) {
      expect(stdout).toContain(shown);
    }
  }, 120_000);
});
