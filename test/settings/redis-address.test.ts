import { describe, expect, test } from '@jest/globals';
import { InvalidRedisAddress, nameOfRedis, readRedisAddress } from '../../src/settings/redis-address.ts';

const plain = { tls: false, user: null, password: null };
const server = { kind: 'server', ...plain, host: 'h', port: 6379, database: 0 };

test.each<[string, object]>([
  ['/tmp/redis.sock', { kind: 'socket', path: '/tmp/redis.sock' }],
  ['redis://h', server],
  ['redis://h/', server],
  ['redis://h:7000/2', { ...server, port: 7000, database: 2 }],
  ['redis://[::1]:7000', { ...server, host: '::1', port: 7000 }],
  ['rediss://:secret@h', { ...server, tls: true, password: 'secret' }],
  ['redis://me:p%40ss%2F@h', { ...server, user: 'me', password: 'p@ss/' }],
  [
    'redis+cluster://h1:7000,h2:7001',
    {
      kind: 'cluster',
      ...plain,
      nodes: [
        { host: 'h1', port: 7000 },
        { host: 'h2', port: 7001 },
      ],
    },
  ],
  [
    'rediss+cluster://me:secret@h1',
    { kind: 'cluster', tls: true, user: 'me', password: 'secret', nodes: [{ host: 'h1', port: 6379 }] },
  ],
  [
    'redis+sentinel://:secret@h1,h2:26380/mymaster',
    {
      kind: 'sentinel',
      ...plain,
      password: 'secret',
      sentinels: [
        { host: 'h1', port: 26379 },
        { host: 'h2', port: 26380 },
      ],
      master: 'mymaster',
    },
  ],
  [
    'rediss+sentinel://h1/my-master.1',
    {
      kind: 'sentinel',
      ...plain,
      tls: true,
      sentinels: [{ host: 'h1', port: 26379 }],
      master: 'my-master.1',
    },
  ],
])('%s is read', (text, address) => {
  expect(readRedisAddress(text)).toEqual(address);
});

describe('what cannot be used is refused with what was expected, and without its password', () => {
  const noScheme = 'its scheme is unknown: expected redis://, redis+cluster://, redis+sentinel://';
  const aServer = 'expected redis://[user:password@]host[:6379][/database]';
  test.each<[string, string]>([
    ['', noScheme],
    ['localhost', noScheme],
    ['http://h', noScheme],
    ['redis+cluster:h', noScheme],
    ['redis://', `its server is not a host with a port from 1 to 65535: ${aServer}`],
    ['redis://h:0', 'its server is not a host with a port'],
    ['redis://h:70000', 'its server is not a host with a port'],
    ['redis://[nonsense]:1', 'its server is not a host with a port'],
    ['redis://:secret/@h', 'its server is not a host with a port'],
    ['redis://h1,h2', `it names several servers: ${aServer}`],
    ['redis://h/one', `its database is not a number: ${aServer}`],
    ['redis://h?db=1', 'it has a query or hash'],
    ['redis://secret@h', 'the part before @ is not user:password'],
    ['redis://me:@h', 'the part before @ is not user:password'],
    ['redis://me:secret%@h', 'the part before @ is not user:password'],
    ['redis+cluster://h1:7000,', 'server 2 of 2 is not a host with a port'],
    ['rediss+cluster://h1:7000/1', 'a cluster has only one: expected rediss+cluster://'],
    ['redis+sentinel://h1:26379', 'it does not name one master after the /: expected redis+sentinel://'],
    ['redis+sentinel://h1:26379/mymaster/2', 'it does not name one master after the /'],
  ])('%j', (text, why) => {
    const read = () => readRedisAddress(text);
    expect(read).toThrow(InvalidRedisAddress);
    expect(read).toThrow(why);
    expect(read).not.toThrow(/secret/);
  });
});

test('names for logs hold no password', () => {
  const names = [
    'redis://me:secret@h/1',
    'redis+cluster://:secret@h1,[::1]:7',
    'redis+sentinel://:secret@h/m',
  ];
  expect(names.map((text) => nameOfRedis(readRedisAddress(text)))).toEqual([
    'h:6379',
    'h1:6379,[::1]:7',
    'm of h:26379',
  ]);
});
