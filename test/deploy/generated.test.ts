/** What in the documents follows from the code is as the code is now. */
import { expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from '../../scripts/documents/generated.ts';

const files = await generatedFiles();

test.each([...files])('%s is as `npm run documents` writes it', (file, text) => {
  expect(existsSync(file) ? readFileSync(file, 'utf8') : null).toBe(text);
});

test('docs/schemas has no file that is not generated', () => {
  expect(readdirSync('docs/schemas').filter((name) => !files.has(`docs/schemas/${name}`))).toEqual([]);
});

test('errors.md explains every code with which an effect fails', () => {
  const sources = ['src', 'machines'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8')),
  );
  const codes = sources.flatMap((source) =>
    [...source.matchAll(/new EffectError\(\s*'\w+',\s*'(\w+)'/g)].map(([, code = '']) => code),
  );
  expect(codes.length).toBeGreaterThan(30);
  const explained = readFileSync('docs/reference/errors.md', 'utf8');
  expect([...new Set(codes)].filter((code) => !explained.includes(`\`${code}\``))).toEqual([]);
});
