import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { tokenVerifier, type TokenSettings } from '../../src/identity/token-verifier.ts';
import { AUDIENCE, JWT_SECRET, tokenFor, unsignedToken } from './identities.ts';

const now = () => Date.now();
const SETTINGS: TokenSettings = {
  secret: JWT_SECRET,
  keySet: null,
  issuer: null,
  audience: AUDIENCE,
  roleClaim: 'role',
};
const refused = { code: 'unauthorized' };

describe('by a shared secret', () => {
  const verify = tokenVerifier(SETTINGS, { now });

  test('a token names its owner, its role and its end', async () => {
    const { expiresAt, ...principal } = await verify(await tokenFor('alice', { role: 'operate' }));
    expect(principal).toMatchObject({
      kind: 'token',
      owner: 'alice',
      role: 'operate',
      keyId: null,
      orderId: null,
    });
    expect(expiresAt).toBeGreaterThan(now() + 500_000);
  });

  test.each([
    ['of another secret', () => tokenFor('alice', { secret: 'z'.repeat(40) })],
    ['that has expired', () => tokenFor('alice', { expiresIn: -10 })],
    ['for another audience', () => tokenFor('alice', { audience: 'others' })],
    ['with an unknown role', () => tokenFor('alice', { role: 'king' })],
    ['with a list of roles', () => tokenFor('alice', { role: ['operate'] })],
    ['with an owner that has a space', () => tokenFor('alice and bob')],
    ['without a signature', () => Promise.resolve(unsignedToken('alice'))],
    ['that is none', () => Promise.resolve('a.b.c')],
  ])('a token %s is refused', async (_which, token) => {
    await expect(verify(await token())).rejects.toMatchObject(refused);
  });

  test('a token without an end is refused', async () => {
    const endless = await new SignJWT({ sub: 'alice', role: 'watch' })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience(AUDIENCE)
      .sign(new TextEncoder().encode(JWT_SECRET));
    await expect(verify(endless)).rejects.toMatchObject(refused);
  });

  test('a refusal quotes nothing of the token', async () => {
    const token = await tokenFor('alice', { secret: 'z'.repeat(40) });
    await expect(verify(token)).rejects.toMatchObject({ message: 'The token is not valid' });
  });
});

describe.each(['RS256', 'EdDSA'])('by a key set, %s', (alg) => {
  let privateKey: CryptoKey;
  let publicJwk: JWK;
  beforeAll(async () => {
    const pair = await generateKeyPair(alg, { extractable: true });
    privateKey = pair.privateKey;
    publicJwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg };
  });
  const signed = (key: CryptoKey | Uint8Array, header: { alg: string }) =>
    new SignJWT({ sub: 'alice', role: 'watch' })
      .setProtectedHeader({ ...header, kid: 'one' })
      .setAudience(AUDIENCE)
      .setExpirationTime('10m')
      .sign(key);

  test('a token of the set is accepted, and one of another key is not', async () => {
    const verify = tokenVerifier(
      { ...SETTINGS, secret: null, keySet: { json: { keys: [publicJwk] } } },
      { now },
    );
    expect(await verify(await signed(privateKey, { alg }))).toMatchObject({ owner: 'alice', role: 'watch' });
    const { privateKey: other } = await generateKeyPair(alg);
    await expect(verify(await signed(other, { alg }))).rejects.toMatchObject(refused);
  });

  test('the public key is no secret of HS256', async () => {
    const verify = tokenVerifier({ ...SETTINGS, keySet: { json: { keys: [publicJwk] } } }, { now });
    const confused = await signed(new TextEncoder().encode(JSON.stringify(publicJwk)), { alg: 'HS256' });
    await expect(verify(confused)).rejects.toMatchObject(refused);
    expect(await verify(await tokenFor('bob'))).toMatchObject({ owner: 'bob' });
    expect(await verify(await signed(privateKey, { alg }))).toMatchObject({ owner: 'alice' });
  });

  test('a set at a URL is fetched; while it cannot be, the answer is 503 and not 401', async () => {
    let isUp = false;
    const provider = createServer((_req, res) => {
      if (!isUp) res.writeHead(500).end();
      else
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [publicJwk] }));
    });
    await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
    const { port } = provider.address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}/jwks.json`);
    const token = await signed(privateKey, { alg });
    const verify = tokenVerifier({ ...SETTINGS, secret: null, keySet: { url } }, { now });
    await expect(verify(token)).rejects.toMatchObject({ code: 'identity_unavailable', status: 503 });
    isUp = true;
    expect(await verify(token)).toMatchObject({ owner: 'alice' });
    await new Promise((closed) => provider.close(closed));
    const late = tokenVerifier({ ...SETTINGS, secret: null, keySet: { url } }, { now });
    await expect(late(token)).rejects.toMatchObject({ code: 'identity_unavailable' });
  });
});

test('a key set that is none stops the start', () => {
  expect(() => tokenVerifier({ ...SETTINGS, keySet: { json: { keys: [] } } }, { now })).toThrow();
});
