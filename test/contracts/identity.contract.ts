/** What a store keeps of identities, in any store: each adapter runs this suite. It uses only the port. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiKeyRecord, AuditRecord, IdentityStore, ShareRecord } from '../../src/store/identity.ts';
import type { Store } from '../../src/store/ports.ts';
import { drawHex } from '../support/seeded-random.ts';
import { idDraws } from './order-store/order-store-samples.ts';
import type { StorePlace } from './signer-ledger/signer-ledger.contract.ts';

const anId = (): string => drawHex(idDraws(), 16);

function aKey(over: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id: anId(),
    secretHash: 'ab'.repeat(32),
    owner: 'alice',
    role: 'submit',
    name: 'the desk',
    createdAt: 1_000,
    expiresAt: null,
    revokedAt: null,
    ...over,
  };
}

function aShare(over: Partial<ShareRecord> = {}): ShareRecord {
  return {
    id: anId(),
    orderId: anId(),
    owner: 'alice',
    keyId: null,
    createdAt: 1_000,
    expiresAt: 9_000,
    revokedAt: null,
    ...over,
  };
}

/** @param newPlace gives an empty one, each time another */
export function identityContract(name: string, newPlace: () => StorePlace): void {
  describe(`identities on ${name}`, () => {
    let place: StorePlace;
    let stores: readonly Store[];
    beforeAll(async () => {
      place = newPlace();
      stores = [await place.open(), await place.open()];
    });
    afterAll(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await place.remove();
    });
    /** Of two that are open on the same store, as two processes have them. */
    const identity = (which = 0): IdentityStore => {
      const store = stores[which % 2];
      if (store === undefined) throw new Error('two stores are open within a test');
      return store.identity;
    };

    test('a store has no key before the first one is added, and then has one for ever', async () => {
      expect(await identity().keys.any()).toBe(false);
      expect(await identity().keys.list()).toEqual([]);
      const key = aKey();
      await identity().keys.add(key);
      expect(await identity(1).keys.any()).toBe(true);
      await identity().keys.revoke(key.id, 5_000);
      expect(await identity(1).keys.any()).toBe(true);
    });

    test('a key that one process adds is found and listed by another', async () => {
      const [first, second] = [aKey({ createdAt: 2_000 }), aKey({ createdAt: 3_000, expiresAt: 8_000 })];
      await identity().keys.add(second);
      await identity().keys.add(first);
      expect(await identity(1).keys.find(second.id)).toEqual(second);
      expect(await identity(1).keys.find(anId())).toBeNull();
      const ids = (await identity(1).keys.list()).map(({ id }) => id);
      expect(ids.filter((id) => id === first.id || id === second.id)).toEqual([first.id, second.id]);
    });

    test('a key that is added twice keeps what was added first', async () => {
      const key = aKey();
      await identity().keys.add(key);
      await identity(1).keys.add({ ...key, owner: 'mallory' });
      expect(await identity().keys.find(key.id)).toEqual(key);
    });

    test('a key is revoked once, and keeps the first time', async () => {
      const key = aKey();
      await identity().keys.add(key);
      expect(await identity().keys.revoke(key.id, 5_000)).toBe(true);
      expect(await identity(1).keys.revoke(key.id, 6_000)).toBe(false);
      expect(await identity().keys.revoke(anId(), 6_000)).toBe(false);
      expect(await identity(1).keys.find(key.id)).toEqual({ ...key, revokedAt: 5_000 });
    });

    test('shares of an order are found and listed, newest first', async () => {
      const orderId = anId();
      const [old, young] = [aShare({ orderId }), aShare({ orderId, createdAt: 2_000, keyId: 'k' })];
      for (const share of [old, young, aShare()]) await identity().shares.add(share);
      expect(await identity(1).shares.find(young.id)).toEqual(young);
      expect(await identity(1).shares.find(anId())).toBeNull();
      expect(await identity(1).shares.ofOrder(orderId)).toEqual([young, old]);
    });

    test('a share is revoked by its order and id together', async () => {
      const share = aShare();
      await identity().shares.add(share);
      expect(await identity().shares.revoke(anId(), share.id, 4_000)).toBeNull();
      expect(await identity().shares.find(share.id)).toEqual(share);
      const revoked = { ...share, revokedAt: 4_000 };
      expect(await identity().shares.revoke(share.orderId, share.id, 4_000)).toEqual(revoked);
      expect(await identity(1).shares.revoke(share.orderId, share.id, 5_000)).toEqual(revoked);
    });

    test('of many that draw a secret at once over two openings, all get the same', async () => {
      const secrets = await Promise.all(
        Array.from({ length: 20 }, (_, n) => identity(n).secrets.keep('tickets', `drawn-${n}`)),
      );
      expect(new Set(secrets).size).toBe(1);
      expect(await identity().secrets.keep('another', 'x')).toBe('x');
    });

    test('audit records are listed newest first, page by page', async () => {
      const records = [1_000, 2_000, 3_000].map((at): AuditRecord => ({
        id: anId(),
        at,
        owner: 'alice',
        role: 'operate',
        name: 'the desk',
        keyId: at === 1_000 ? null : 'k',
        action: 'cancel',
        subject: anId(),
      }));
      for (const record of records) await identity().audit.append(record);
      const [first, second, third] = records;
      expect(await identity(1).audit.list(2, null)).toEqual([third, second]);
      expect(await identity(1).audit.list(2, 2_000)).toEqual([first]);
    });
  });
}
