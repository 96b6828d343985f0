import { beforeEach, describe, expect, test } from '@jest/globals';
import { drawApiKey, isSecretOf, readApiKey } from '../../src/identity/api-key.ts';
import { openIdentity, type Identity } from '../../src/identity/identity.ts';
import { LOCAL } from '../../src/identity/principal.ts';
import { storeForTests, type StoreForTests } from '../support/store-for-tests.ts';
import { addKey, principalFor } from './identities.ts';

const ORDER = 'a'.repeat(32);
const NO_CREDENTIALS = { kind: 'none' } as const;
const bearer = (text: string) => ({ kind: 'bearer', text }) as const;

let now: number;
let passed: number;
let store: StoreForTests;
let identity: Identity;
beforeEach(() => {
  now = Date.parse('2026-11-26T12:00:00Z');
  passed = 0;
  store = storeForTests(() => now);
  identity = openIdentity({
    store: store.identity,
    verifyToken: null,
    ticketSeconds: 60,
    clock: { now: () => now },
    elapsed: () => passed,
  });
});

describe('an API key', () => {
  test('has 256 random bits, and is stored as a hash', () => {
    const drawn = drawApiKey();
    expect(drawn.key).toMatch(/^fs_[0-9A-Za-z]{13}_[0-9A-Za-z]{43}$/);
    const read = readApiKey(drawn.key);
    expect(read?.id).toBe(drawn.id);
    expect(isSecretOf(read?.secret ?? '', drawn.secretHash)).toBe(true);
    expect(drawn.secretHash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify({ ...drawn, key: '' })).not.toContain(read?.secret);
  });

  test('keeps its length, whatever was drawn', () => {
    for (const byte of [0, 1, 255]) {
      expect(drawApiKey((bytes) => new Uint8Array(bytes).fill(byte)).key).toHaveLength(3 + 13 + 1 + 43);
    }
  });

  test.each([
    '',
    'fs_',
    'fs_a_b',
    `fs_${'0'.repeat(13)}_${'0'.repeat(42)}`,
    `fs_${'0'.repeat(13)}-${'0'.repeat(43)}`,
  ])('is not %j', (text) => {
    expect(readApiKey(text)).toBeNull();
  });

  test('names its owner and role', async () => {
    const { id, key } = await addKey(store.identity, 'alice', 'submit');
    expect(await identity.principalOf(bearer(key))).toMatchObject({
      kind: 'key',
      owner: 'alice',
      role: 'submit',
      keyId: id,
      orderId: null,
    });
  });

  test('that is revoked is refused within two seconds, and its streams end', async () => {
    const { id, key } = await addKey(store.identity, 'alice', 'submit');
    const principal = await identity.principalOf(bearer(key));
    expect(await identity.endOf(principal)).toBeNull();
    await store.identity.keys.revoke(id, now);
    passed += 2_000;
    await expect(identity.principalOf(bearer(key))).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await identity.endOf(principal)).toBe('revoked');
  });

  test('that expires is refused from then on, and its streams end', async () => {
    const { key } = await addKey(store.identity, 'alice', 'submit', { expiresAt: now + 1_000 });
    const principal = await identity.principalOf(bearer(key));
    now += 1_000;
    await expect(identity.principalOf(bearer(key))).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await identity.endOf(principal)).toBe('expired');
  });

  test('is asked for once by many requests, and again after a failure of the store', async () => {
    const { key } = await addKey(store.identity, 'alice', 'submit');
    store.goAway();
    await expect(identity.principalOf(bearer(key))).rejects.toMatchObject({ name: 'StoreUnavailable' });
    store.goAway(false);
    await identity.principalOf(bearer(key));
    store.goAway();
    expect(await identity.principalOf(bearer(key))).toMatchObject({ owner: 'alice' });
    passed += 2_000;
    await expect(identity.principalOf(bearer(key))).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });
});

describe('a server without keys', () => {
  test('takes every request for the local owner, with a header that it does not need, too', async () => {
    expect(identity.isOpen).toBe(true);
    expect(await identity.principalOf(NO_CREDENTIALS)).toBe(LOCAL);
    expect(await identity.principalOf(bearer('whatever'))).toBe(LOCAL);
    expect(await identity.ticketFor(LOCAL, ORDER)).toBeNull();
  });

  test('closes with the first key, ends what was open, and stays closed when the key is revoked', async () => {
    await identity.refresh();
    expect(identity.isOpen).toBe(true);
    const { id } = await addKey(store.identity, 'alice', 'submit');
    await identity.refresh();
    expect(identity.isOpen).toBe(false);
    expect(await identity.endOf(LOCAL)).toBe('revoked');
    await store.identity.keys.revoke(id, now);
    await identity.refresh();
    expect(identity.isOpen).toBe(false);
    await expect(identity.principalOf(NO_CREDENTIALS)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('stays as it was while the store does not answer', async () => {
    store.goAway();
    await expect(identity.refresh()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(identity.isOpen).toBe(true);
  });
});

describe('a ticket', () => {
  beforeEach(async () => {
    await addKey(store.identity, 'first', 'watch');
    await identity.refresh();
  });

  const ticketOf = async (principal = principalFor('alice')) => {
    const text = await identity.ticketFor(principal, ORDER);
    if (text === null) throw new Error('expected a ticket');
    return { kind: 'ticket', text } as const;
  };

  test('reads one order, of the one who asked for it', async () => {
    expect(
      await identity.principalOf(await ticketOf(principalFor('alice', { role: 'operate' }))),
    ).toMatchObject({
      kind: 'ticket',
      owner: 'alice',
      role: 'watch',
      orderId: ORDER,
      redact: false,
      expiresAt: now + 60_000,
    });
  });

  test('ends after its time, and with the credentials that it was made with', async () => {
    const [long, short] = [
      await ticketOf(),
      await ticketOf(principalFor('alice', { expiresAt: now + 5_000 })),
    ];
    now += 5_000;
    await expect(identity.principalOf(short)).rejects.toMatchObject({ code: 'unauthorized' });
    const principal = await identity.principalOf(long);
    now += 55_000;
    expect(await identity.endOf(principal)).toBe('expired');
    await expect(identity.principalOf(long)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('ends when its key is revoked', async () => {
    const { id, key } = await addKey(store.identity, 'alice', 'watch');
    const ticket = await ticketOf(await identity.principalOf(bearer(key)));
    const principal = await identity.principalOf(ticket);
    await store.identity.keys.revoke(id, now);
    passed += 2_000;
    expect(await identity.endOf(principal)).toBe('revoked');
    await expect(identity.principalOf(ticket)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('gives no other ticket and no session', async () => {
    const principal = await identity.principalOf(await ticketOf());
    expect(await identity.ticketFor(principal, ORDER)).toBeNull();
    await expect(identity.sessionFor(principal)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('is read by every api of the store, and by none of another', async () => {
    const same = openIdentity({
      store: store.identity,
      verifyToken: null,
      ticketSeconds: 60,
      clock: { now: () => now },
    });
    const another = openIdentity({
      store: storeForTests(() => now).identity,
      verifyToken: null,
      ticketSeconds: 60,
      clock: { now: () => now },
    });
    const ticket = await ticketOf();
    expect(await same.principalOf(ticket)).toMatchObject({ owner: 'alice', orderId: ORDER });
    await expect(another.principalOf(ticket)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
