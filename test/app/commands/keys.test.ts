import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { runKeys } from '../../../src/app/commands/keys.ts';
import { hostCheckOf, openIdentities } from '../../../src/app/adapters/open-identity.ts';
import { openLog } from '../../../src/telemetry/log.ts';
import { OperatorError } from '../../../src/operator-error.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { dataFiles, openDataDir } from '../../../src/settings/data-dir.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

let dir: TempDir;
let dataDir: string;
beforeEach(() => {
  dir = tempDir();
  dataDir = openDataDir(join(dir.path, 'data'));
});
afterEach(() => dir.remove());

async function keys(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  await runKeys(args, readConfig({ DATA_DIR: dataDir }), (line) => lines.push(line));
  return lines;
}

describe('keys', () => {
  test('creates a key, which is printed once and stored as a hash', async () => {
    const [about = '', key = ''] = await keys(
      'create',
      '--owner',
      'desk',
      '--role',
      'operate',
      '--name',
      'the desk',
    );
    expect(key).toMatch(/^fs_[0-9A-Za-z]{13}_[0-9A-Za-z]{43}$/);
    expect(about).toMatch(
      /^[0-9A-Za-z]{13} {2}operate {2}desk {2}the desk {2}created \d{4}-\d\d-\d\d {2}no end/,
    );
    const listed = await keys('list');
    expect(listed).toEqual([about.trim(), '1 keys']);
    expect(listed.join('')).not.toContain(key.slice(-43));
  });

  test('revokes a key, and keeps it in the list', async () => {
    const [, key = ''] = await keys('create', '--days', '30');
    const id = key.split('_')[1] ?? '';
    expect(await keys('revoke', id)).toEqual([`${id} is revoked`]);
    expect(await keys('revoke', id)).toEqual([`${id} was revoked before`]);
    expect((await keys('list'))[0]).toContain('revoked');
    const store = await openSqliteStore({ file: dataFiles(dataDir).orders });
    const actions = (await store.identity.audit.list(10, null)).map(({ action }) => action);
    expect(actions.sort()).toEqual(['create_key', 'revoke_key', 'revoke_key']);
    await store.close();
  });

  test.each([
    [[]],
    [['make']],
    [['list', 'all']],
    [['revoke']],
    [['revoke', 'nothing']],
    [['create', '--role', 'king']],
    [['create', '--owner', 'a b']],
    [['create', '--days', '0']],
    [['create', '--days']],
    [['create', 'desk']],
  ])('%j is refused with what is expected', async (args) => {
    await expect(keys(...args)).rejects.toThrow(OperatorError);
  });
});

describe('a server', () => {
  async function opened(settings: Record<string, string>) {
    const store = await openSqliteStore({ file: dataFiles(dataDir).orders });
    const stops: (() => Promise<void>)[] = [() => store.close()];
    try {
      const config = readConfig({ DATA_DIR: dataDir, ...settings });
      const identity = await openIdentities(config, { store, log: openLog('silent') }, stops);
      return { isOpen: identity.isOpen, hostCheck: hostCheckOf(config) };
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  }

  test.each(['127.0.0.1', 'localhost', '::1'])('without keys is open at %s', async (HOST) => {
    expect(await opened({ HOST })).toEqual({ isOpen: true, hostCheck: 'loopback' });
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'orders.internal'])(
    'without keys does not start at %s, and says what to do',
    async (HOST) => {
      const refused = expect.objectContaining({
        message: expect.stringMatching(
          /no API keys[\s\S]*npm run keys -- create[\s\S]*JWT_SECRET[\s\S]*ALLOW_OPEN/,
        ),
      });
      await expect(opened({ HOST })).rejects.toEqual(refused);
      expect(await opened({ HOST, ALLOW_OPEN: 'yes' })).toEqual({ isOpen: true, hostCheck: 'addresses' });
      expect((await opened({ HOST, JWT_SECRET: 's'.repeat(32) })).isOpen).toBe(false);
      await keys('create');
      expect((await opened({ HOST })).isOpen).toBe(false);
    },
  );

  test('does not start on a key set that cannot be read', async () => {
    await expect(opened({ JWT_JWKS: join(dir.path, 'missing.json') })).rejects.toThrow(
      /JWT_JWKS is ".*missing\.json"/,
    );
  });

  test('does not quote its secret where it cannot be used', () => {
    expect(() => readConfig({ JWT_SECRET: 'too short' })).toThrow(/JWT_SECRET is "…": expected at least 32/);
  });
});
