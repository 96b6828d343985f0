/** The settings are listed for people in two places: both name exactly those of config.ts, with their defaults. */
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readConfig, SETTING_NAMES } from '../../src/settings/config.ts';

const LISTS = [
  ['.env.example', /^#([A-Z_]+)=(.*)$/gm],
  ['docs/reference/settings.md', /^\| `([A-Z_]+)` *\| *(.*?) *\|/gm],
] as const;

test.each(LISTS)('%s names every setting once, with its default', (file, line) => {
  const listed = [...readFileSync(file, 'utf8').matchAll(line)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  expect(listed.map(([name]) => name).sort()).toEqual([...SETTING_NAMES].sort());
  expect(readConfig(Object.fromEntries(listed))).toEqual(readConfig({}));
});
