import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CLOSE_CODES } from '../../src/protocol/close-codes.ts';

test('each close code is listed for its users', () => {
  const page = readFileSync(new URL('../../docs/reference/streams.md', import.meta.url), 'utf8');
  for (const { code } of CLOSE_CODES.filter(({ error }) => error !== 'invalid_json')) {
    expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  }
});
