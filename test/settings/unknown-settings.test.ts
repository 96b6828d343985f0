import { expect, test } from '@jest/globals';
import { unknownSettings } from '../../src/settings/unknown-settings.ts';

test('names that are not settings are listed, except those of other programs', () => {
  const names = ['PORT', 'PROT', 'COMPOSE_PROJECT_NAME', 'NODE_OPTIONS', 'TZ', 'port'];
  expect(unknownSettings(names)).toEqual([
    'PROT is not a setting and is ignored: see docs/reference/settings.md',
    'port is not a setting and is ignored: see docs/reference/settings.md',
  ]);
});
