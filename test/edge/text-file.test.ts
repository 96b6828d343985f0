/** Files as editors on every system write them: a byte order mark is ignored, UTF-16 is refused by name. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openLimits } from '../../src/app/adapters/open-limits.ts';
import { readKeys } from '../../src/chain/evm/signing/keys.ts';
import { OperatorError } from '../../src/operator-error.ts';
import { decodeText, readTextFile } from '../../src/runtime/text-file.ts';
import { readMarket } from '../../src/settings/chain-file.ts';
import { readConfig } from '../../src/settings/config.ts';
import { readEnvFile } from '../../src/settings/env-file.ts';
import { ANY_TOKEN } from '../../src/settings/token-names.ts';
import { MAIN } from '../support/programs.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

const MARK = '\ufeff';
const ADDRESS = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2';
const MARKET = {
  chainId: 1,
  multicall3: ADDRESS,
  tokens: [{ symbol: 'WETH', address: ADDRESS, decimals: 18 }],
  exchanges: [],
};

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

function file(text: string | Buffer): string {
  const path = join(dir.path, 'file');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof Error) return thrown.message;
    throw thrown;
  }
  throw new Error('the file was accepted');
}

const unused = () => Promise.reject(new Error('not used'));
const limitsOf = (path: string) =>
  openLimits({ LIMITS_FILE: path }, ANY_TOKEN, { add: unused, total: unused, all: unused });

describe('a byte order mark is ignored', () => {
  test('in .env: the first setting counts', () => {
    const env = readEnvFile(file(`${MARK}EXECUTION=simulated\r\nPORT=4000\r\n`));
    expect(env).toEqual({ EXECUTION: 'simulated', PORT: '4000' });
    expect(readConfig(env)).toMatchObject({ EXECUTION: 'simulated', PORT: 4000 });
  });

  test('in CHAIN_FILE', () => {
    expect(readMarket(file(`${MARK}${JSON.stringify(MARKET)}`))).toEqual(MARKET);
  });

  test('in LIMITS_FILE', () => {
    expect(() => limitsOf(file(`${MARK}{"perOrder":{"WETH":"5"}}`))).not.toThrow();
  });

  test('in a file of keys', async () => {
    const key = `0x${'11'.repeat(32)}`;
    expect(await readKeys({ keysFile: file(`${MARK}${key}\n`) })).toEqual([key]);
  });

  test('in a PEM file', () => {
    expect(readTextFile(file(`${MARK}-----BEGIN CERTIFICATE-----`))).toBe('-----BEGIN CERTIFICATE-----');
  });

  test('but a second one stays', () => {
    expect(decodeText(Buffer.from(`${MARK}${MARK}a`))).toBe(`${MARK}a`);
  });
});

describe('UTF-16 is refused', () => {
  const little = (text: string) => Buffer.from(text, 'utf16le');
  const big = (text: string) => little(text).swap16();
  const cases: [what: string, encode: (text: string) => Buffer][] = [
    ['little endian', (text) => little(`${MARK}${text}`)],
    ['big endian', (text) => big(`${MARK}${text}`)],
    ['little endian without a mark', little],
    ['big endian without a mark', big],
  ];

  test.each(cases)('%s, with what was expected', async (_what, encode) => {
    const expected = /the text is in UTF-16 or binary, expected UTF-8$/;
    expect(refusal(() => readEnvFile(file(encode('PORT=4000'))))).toMatch(expected);
    expect(refusal(() => readMarket(file(encode(JSON.stringify(MARKET)))))).toMatch(expected);
    expect(refusal(() => limitsOf(file(encode('{}'))))).toMatch(expected);
    const keys: unknown = await readKeys({ keysFile: file(encode('11'.repeat(32))) }).catch(
      (thrown: unknown) => thrown,
    );
    expect(keys).toBeInstanceOf(OperatorError);
    expect(String(keys)).toMatch(expected);
  });
});

test('a name that is given twice in CHAIN_FILE or LIMITS_FILE is refused and named', () => {
  const twice = /^LIMITS_FILE is ".*": the name "WETH" is given twice, expected once$/;
  expect(refusal(() => limitsOf(file('{"perOrder":{"WETH":"5","WETH":"50"}}')))).toMatch(twice);
  const market = JSON.stringify(MARKET).replace('{', '{"chainId":5,');
  expect(refusal(() => readMarket(file(market)))).toMatch(/the name "chainId" is given twice/);
});

test('CHAIN_FILE names the field that is wrong', () => {
  const wrong = { ...MARKET, multicall3: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc3' };
  expect(refusal(() => readMarket(file(JSON.stringify(wrong))))).toMatch(
    /multicall3: expected an address .* valid EIP-55 checksum/,
  );
});

test('the command line reads .env without its byte order mark', () => {
  writeFileSync(join(dir.path, '.env'), `${MARK}PORT=first\n`);
  const { PATH } = process.env;
  const options = { cwd: dir.path, env: { PATH }, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(process.execPath, [...MAIN, 'start'], options);
  expect([status, stderr]).toEqual([2, expect.stringContaining('PORT is "first"')]);
}, 120_000);
