import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Keystore } from 'ox';
import { readKeys, type KeySettings } from '../../../src/chain/evm/signing/keys.ts';
import { OperatorError } from '../../../src/operator-error.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

const ONE = `0x${'11'.repeat(32)}` as const;
const TWO = `0x${'22'.repeat(32)}` as const;

describe('keys', () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = tempDir();
  });
  afterEach(() => dir.remove());

  function file(name: string, text: string, mode = 0o600): string {
    const path = join(dir.path, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  async function refusal(settings: KeySettings): Promise<string> {
    const refused: unknown = await readKeys(settings).catch((thrown: unknown) => thrown);
    if (refused instanceof OperatorError) return refused.message;
    throw new Error('these keys were taken');
  }

  test('come from a setting and from a file, each once', async () => {
    const keysFile = file('keys', `${ONE.slice(2).toUpperCase()}\n\n${TWO}\n`);
    expect(await readKeys({ keys: `${TWO}, ${ONE.slice(2)}`, keysFile })).toEqual([TWO, ONE]);
    expect(await readKeys({})).toEqual([]);
  });

  test('come from a keystore with its password', async () => {
    const [key, options] = Keystore.pbkdf2({ password: 'correct horse', iterations: 1_000 });
    const keystoreFile = file('keystore.json', JSON.stringify(Keystore.encrypt(ONE, key, options)));
    const keystorePasswordFile = file('password', 'correct horse\n');
    expect(await readKeys({ keystoreFile, keystorePasswordFile })).toEqual([ONE]);
    const wrong = await refusal({ keystoreFile, keystorePasswordFile: file('wrong', 'battery staple') });
    expect(wrong).toMatch(/SIGNER_KEYSTORE_FILE cannot be opened/);
    expect(wrong).not.toMatch(/battery/);
    expect(await refusal({ keystoreFile })).toMatch(/needs SIGNER_KEYSTORE_PASSWORD_FILE/);
  });

  test('are refused by place, and never quoted', async () => {
    const secret = `${ONE}ff`;
    const refused = await refusal({ keys: `${TWO},${secret}` });
    expect(refused).toBe('SIGNER_KEYS: key 2 is not a private key: expected 64 hex digits');
    expect(await refusal({ keysFile: join(dir.path, 'missing') })).toMatch(
      /SIGNER_KEYS_FILE is ".*missing": ENOENT/,
    );
  });

  test.each([
    ['SIGNER_KEYS_FILE', 0o644],
    ['SIGNER_KEYS_FILE', 0o602],
    ['SIGNER_KEYSTORE_FILE', 0o604],
    ['SIGNER_KEYSTORE_PASSWORD_FILE', 0o666],
  ] as const)('are not read from a file that others may use: %s with mode %i', async (setting, mode) => {
    const [key, options] = Keystore.pbkdf2({ password: 'correct horse', iterations: 1_000 });
    const modeOf = (name: string) => (name === setting ? mode : 0o600);
    const refused = await refusal({
      keysFile: file('keys', TWO, modeOf('SIGNER_KEYS_FILE')),
      keystoreFile: file(
        'keystore.json',
        JSON.stringify(Keystore.encrypt(ONE, key, options)),
        modeOf('SIGNER_KEYSTORE_FILE'),
      ),
      keystorePasswordFile: file('password', 'correct horse\n', modeOf('SIGNER_KEYSTORE_PASSWORD_FILE')),
    });
    const found = `0${mode.toString(8)}`;
    expect(refused).toMatch(new RegExp(`^${setting} is ".*", which every account .* \\(mode ${found}\\)`));
  });

  test('are read from a file of the owner and a group', async () => {
    expect(await readKeys({ keysFile: file('keys', ONE, 0o640) })).toEqual([ONE]);
  });
});
