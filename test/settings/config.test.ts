import { describe, expect, test } from '@jest/globals';
import { InvalidSettings, readConfig } from '../../src/settings/config.ts';

function refusal(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (thrown) {
    if (thrown instanceof InvalidSettings) return thrown.message;
    throw thrown;
  }
  throw new Error('these settings were taken');
}

describe('settings', () => {
  test('without any, everything is embedded', () => {
    expect(readConfig({})).toMatchObject({ PORT: 3000, DATA_DIR: '.data', QUEUE_REDIS_URLS: [] });
    expect(readConfig({ MONGODB_URL: '', REDIS_URL: '' })).toEqual(readConfig({}));
  });

  test.each([
    ['PORT', '70000', /PORT is "70000": expected a whole number, 0 to 65535/],
    ['REDIS_URL', 'localhost', /REDIS_URL is "localhost": its scheme is unknown.*expected redis:\/\//],
    ['REDIS_URL', '/run/redis.sock', /REDIS_URL .*does not name a single server/],
    ['QUEUE_REDIS_URLS', 'redis://a,redis+cluster://b:1', /QUEUE_REDIS_URLS .*does not name a single server/],
    ['MONGODB_URL', 'localhost:27017', /MONGODB_URL is "localhost:27017": expected mongodb:\/\//],
    ['DEAD_AFTER_MS', '600', /DEAD_AFTER_MS is 600: expected at least two heartbeats of 500 ms/],
    ['REDIS_URL', 'redis+cluster://a:1,b:2', /Bee-Queue cannot work: expected QUEUE_REDIS_URLS/],
  ])('%s=%s is refused with what was expected', (name, value, message) => {
    expect(refusal({ [name]: value })).toMatch(message);
  });

  test.each([
    ['REDIS_URL', 'http://me:se/cr@et@host'],
    ['QUEUE_REDIS_URLS', 'redis://a:secret@h1,http://b:secret@h2'],
    ['MONGODB_URL', 'mongo://me:secret@host/db'],
    ['MONGODB_URL', 'mongodb:/me:secret@host/db'],
    ['MONGODB_URL', 'mongo://host/db?authMechanismProperties=AWS_SESSION_TOKEN:secret'],
    ['RPC_URL', 'https://node.example/v2/secret,htp://other.example'],
    ['RPC_URL', 'node.example/?key=secret'],
    ['RPC_WS_URL', 'https://node.example/v2/secret'],
    ['REMOTE_SIGNER_URL', 'ftp://signer.example/secret'],
    ['INSPECT_URL', 'http://me:secret@host'],
  ])('%s is refused without its password', (name, value) => {
    expect(refusal({ [name]: value })).not.toMatch(/se\/?cr@?et/);
  });

  test('a cluster for the feed and single servers for the queue go together', () => {
    const config = readConfig({
      FEED_REDIS_URL: 'rediss+cluster://a:1,b:2',
      QUEUE_REDIS_URLS: 'redis://q1:6379, redis://q2:6379',
    });
    expect(config.QUEUE_REDIS_URLS).toEqual(['redis://q1:6379', 'redis://q2:6379']);
  });
});
