import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Secp256k1 } from 'ox';
import {
  hexToBigInt,
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  serializeTransaction,
  type Hex,
  type TransactionSerializableEIP1559,
} from 'viem';
import { privateKeyToAccount, privateKeyToAddress } from 'viem/accounts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { openRemoteSigners } from '../../../src/chain/evm/signing/remote-signers.ts';
import type {
  TransactionSigner,
  UnsignedTransaction,
} from '../../../src/chain/evm/signing/transaction-signer.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { openSigners } from '../../../src/app/adapters/open-signers.ts';
import { OperatorError } from '../../../src/operator-error.ts';
import { signatureOf, signedBy, SignerServer, type Signing } from '../../support/chain/signer-server.ts';

const KEY = `0x${'11'.repeat(32)}` as const;
const OTHER_KEY = `0x${'22'.repeat(32)}` as const;
const ELSEWHERE = '0x00000000000000000000000000000000000000ff';
const ORDER_OF_THE_CURVE = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const ASKED = {
  chainId: 31_337,
  type: 'eip1559',
  nonce: 7,
  to: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
  value: 0n,
  data: '0xabcdef',
  gas: 180_000n,
  maxFeePerGas: 30_000_000_000n,
  maxPriorityFeePerGas: 1_000_000_000n,
} as const satisfies UnsignedTransaction;

describe('a remote signer', () => {
  let server: SignerServer;
  beforeEach(async () => {
    server = await new SignerServer([KEY, OTHER_KEY]).start();
  });
  afterEach(() => server.stop());

  async function opened(timeoutMs = 2_000): Promise<TransactionSigner> {
    const [first] = await openRemoteSigners({ url: server.url, timeoutMs });
    if (first === undefined) throw new Error('the server holds two keys');
    return first;
  }

  async function failureOf(act: () => Promise<unknown>): Promise<EffectError> {
    const thrown: unknown = await act().catch((error: unknown) => error);
    if (thrown instanceof EffectError) return thrown;
    throw new Error('no EffectError was thrown');
  }

  test('signs for a chain without EIP-1559, and is compared with what it was asked for there, too', async () => {
    const { chainId, nonce, to, value, data, gas, maxFeePerGas: gasPrice } = ASKED;
    const asked = { type: 'legacy', chainId, nonce, to, value, data, gas, gasPrice } as const;
    const signer = await opened();
    const bytes = await signer.sign(asked);
    expect(parseTransaction(bytes)).toMatchObject({ type: 'legacy', gasPrice, nonce: 7, chainId: 31_337 });
    expect(bytes).toBe(await privateKeyToAccount(KEY).signTransaction(asked));
    server.legacyLie = { gasPrice: gasPrice + 1n };
    expect((await failureOf(() => signer.sign(asked))).message).toMatch(
      /gasPrice is 30000000001, expected 30000000000/,
    );
    server.legacyLie = { nonce: 8 };
    expect((await failureOf(() => signer.sign(asked))).message).toMatch(/nonce is 8, expected 7/);
  });

  test('gives signed bytes of what it was asked for, from the address that it names', async () => {
    const signer = await opened();
    expect(signer.address).toBe(privateKeyToAddress(KEY));
    const bytes = await signer.sign(ASKED);
    expect(bytes).toBe(server.signed[0]);
    expect(await recoverTransactionAddress({ serializedTransaction: `0x02${bytes.slice(4)}` })).toBe(
      signer.address,
    );
    expect(parseTransaction(bytes)).toMatchObject({ nonce: 7, data: '0xabcdef', gas: 180_000n });
  });

  test.each([
    ['nothing but zeros', { nonce: 0, value: 0n, data: '0x', maxPriorityFeePerGas: 0n } as const],
    ['more than 64 bits', { value: 2n ** 80n + 1n } as const],
  ])('signs a transaction of %s', async (_, over) => {
    expect(await (await opened()).sign({ ...ASKED, ...over })).toBe(server.signed[0]);
  });

  test('may answer the bytes in capitals, or with the transaction beside them', async () => {
    server.sign = (asked, key) => ({ raw: signedBy(key, asked).toUpperCase().replace('0X', '0x'), tx: {} });
    expect(await (await opened()).sign(ASKED)).toMatch(/^0x02[0-9a-f]+$/);
  });

  test('that answers in the form of Clef gets requests in the form of Clef', async () => {
    server.speaksClef = true;
    const signer = await opened();
    expect(await signer.sign(ASKED)).toBe(server.signed[0]);
    expect(server.methods).toEqual(['eth_accounts', 'account_list', 'account_signTransaction']);
  });

  const lying =
    (over: Partial<TransactionSerializableEIP1559>): Signing =>
    (asked, key) =>
      signedBy(key, { ...asked, ...over });
  const withUpperS: Signing = (asked, key) => {
    const payload = keccak256(serializeTransaction(asked));
    const { r, s, yParity } = Secp256k1.sign({ payload, privateKey: key });
    return serializeTransaction(asked, signatureOf(r, ORDER_OF_THE_CURVE - BigInt(s), 1 - yParity));
  };
  const LIES: readonly (readonly [field: string, sign: Signing])[] = [
    ['chainId', lying({ chainId: 1 })],
    ['nonce', lying({ nonce: 8 })],
    ['to', lying({ to: ELSEWHERE })],
    ['to', lying({ to: null })],
    ['value', lying({ value: 1n })],
    ['data', lying({ data: '0xabcdee' })],
    ['data', lying({ data: '0x' })],
    ['gas', lying({ gas: 180_001n })],
    ['maxFeePerGas', lying({ maxFeePerGas: 30_000_000_001n })],
    ['maxPriorityFeePerGas', lying({ maxPriorityFeePerGas: 0n })],
    ['encoding', lying({ accessList: [{ address: ELSEWHERE, storageKeys: [] }] })],
    ['encoding', () => '0x02c0'],
    ['encoding', (asked, key) => `${signedBy(key, asked)}00`],
    ['from', (asked) => signedBy(OTHER_KEY, asked)],
    ['signature', (asked) => serializeTransaction(asked)],
    ['signature', withUpperS],
    [
      'type',
      ({ chainId, nonce, to, data, gas }) =>
        serializeTransaction({ type: 'legacy', chainId, nonce, to, data, gas, gasPrice: 1n }),
    ],
  ];
  test.each(LIES)('that lies about %s is refused, and the field is named (%#)', async (field, sign) => {
    const signer = await opened();
    server.sign = sign;
    const failure = await failureOf(() => signer.sign(ASKED));
    expect(failure).toMatchObject({ kind: 'wait', code: 'signer_deviates' });
    expect(failure.message).toContain(`something else for nonce 7: ${field} is `);
  });

  test.each([[null], [{}], ['0x'], ['signed'], [7]])(
    'that answers %j for bytes is refused',
    async (result) => {
      const signer = await opened();
      server.sign = () => result;
      expect(await failureOf(() => signer.sign(ASKED))).toMatchObject({
        kind: 'wait',
        code: 'signer_deviates',
      });
    },
  );

  const SILENCES: readonly (readonly [what: string, answer: SignerServer['answer'], why: RegExp])[] = [
    ['nothing', () => undefined, /no answer within 300 ms/],
    ['half an answer', (res) => void res.write('{"jsonrpc"'), /no answer within 300 ms/],
    ['a hang-up', (res) => void res.destroy(), /other side closed|ECONNRESET|UND_ERR_SOCKET/],
    ['HTTP 503', (res) => void res.writeHead(503).end('busy'), /HTTP 503/],
    ['HTTP 401', (res) => void res.writeHead(401).end(), /HTTP 401/],
    ['no JSON', (res) => void res.end('<html>'), /not JSON-RPC/],
    ['other JSON', (res) => void res.end('[]'), /not JSON-RPC/],
    ['a redirect', (res) => void res.writeHead(307, { Location: 'http://127.0.0.1:1/' }).end(), /redirect/],
  ];
  test.each(SILENCES)('that answers %s is waited for', async (_, answer, why) => {
    const signer = await opened(300);
    server.answer = answer;
    const failure = await failureOf(() => signer.sign(ASKED));
    expect(failure).toMatchObject({ kind: 'wait', code: 'signer_unavailable' });
    expect(failure.message).toMatch(why);
    server.answer = null;
    expect(await signer.sign(ASKED)).toBe(server.signed[0]);
  });

  test('that refuses makes the order wait, with its message; also with a status of 4xx', async () => {
    const signer = await opened();
    const error = { jsonrpc: '2.0', id: 1, error: { code: -32010, message: 'request denied' } };
    for (const status of [200, 400]) {
      server.answer = (res) => void res.writeHead(status).end(JSON.stringify(error));
      const failure = await failureOf(() => signer.sign(ASKED));
      expect(failure).toMatchObject({ kind: 'wait', code: 'signer_refused' });
      expect(failure.message).toContain('request denied (-32010)');
    }
  });

  test('that is unavailable makes the order wait', async () => {
    const signer = await opened();
    await server.stop();
    expect(await failureOf(() => signer.sign(ASKED))).toMatchObject({
      kind: 'wait',
      code: 'signer_unavailable',
      message: expect.stringContaining('ECONNREFUSED') as unknown,
    });
    await server.start();
    expect(await signer.sign(ASKED)).toBe(server.signed[0]);
  });

  describe('by the settings', () => {
    const settings = (over: Readonly<Record<string, string>>) => openSigners(readConfig(over));

    async function refusal(over: Readonly<Record<string, string>>): Promise<string> {
      const thrown: unknown = await settings(over).catch((error: unknown) => error);
      if (thrown instanceof OperatorError) return thrown.message;
      throw new Error('these signers were taken');
    }

    test('signs with all of its accounts, or those that are named, beside the keys of this process', async () => {
      const REMOTE_SIGNER_URL = server.url;
      const addresses = [KEY, OTHER_KEY].map((key) => privateKeyToAddress(key));
      expect((await settings({ REMOTE_SIGNER_URL })).map(({ address }) => address)).toEqual(addresses);
      const one = {
        REMOTE_SIGNER_URL,
        REMOTE_SIGNER_ADDRESSES: privateKeyToAddress(OTHER_KEY).toLowerCase(),
      };
      expect((await settings(one)).map(({ address }) => address)).toEqual(addresses.slice(1));
      expect(await refusal({ ...one, REMOTE_SIGNER_ADDRESSES: ELSEWHERE })).toContain(ELSEWHERE);

      const both = await settings({ REMOTE_SIGNER_URL, SIGNER_KEYS: KEY });
      expect(both.map(({ address }) => address)).toEqual(addresses);
      expect(await both[0]?.sign(ASKED)).toBe(await privateKeyToAccount(KEY).signTransaction(ASKED));
      expect(server.signed).toEqual([]);
    });

    test('receives its user and password, which no error contains', async () => {
      const url = server.url.replace('//', '//me:s%2Fcret@');
      await settings({ REMOTE_SIGNER_URL: url });
      expect(server.authorizations).toEqual([`Basic ${Buffer.from('me:s/cret').toString('base64')}`]);
      await server.stop();
      const message = await refusal({ REMOTE_SIGNER_URL: url });
      expect(message).toMatch(
        /^REMOTE_SIGNER_URL: The remote signer gives no answer to eth_accounts: ECONNREFUSED/,
      );
      expect(message).not.toMatch(/cret/);
      await server.start();
    });

    test('is missed where no other signer is configured', async () => {
      expect(await refusal({})).toMatch(/set SIGNER_KEYS.* or REMOTE_SIGNER_URL/);
    });
  });
});

test('half of the order of the curve is where the lower half of s ends', () => {
  const half: Hex = '0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';
  expect(hexToBigInt(half)).toBe(ORDER_OF_THE_CURVE / 2n);
});
