import { expect, test } from '@jest/globals';
import { checkRedisTls, InvalidRedisTls } from '../../src/settings/redis-tls.ts';

test.each([
  [{ cert: 'x' }, 'expected both of them or neither'],
  [{ key: 'x' }, 'expected both of them or neither'],
  [{ ca: '/etc/ca.crt' }, 'the authority is not a certificate: expected a PEM text'],
  [{ cert: 'x', key: 'x' }, 'the certificates cannot be used'],
])('TLS with %j is refused before anything is opened', (tls, why) => {
  const check = () => checkRedisTls(tls);
  expect(check).toThrow(InvalidRedisTls);
  expect(check).toThrow(why);
});
