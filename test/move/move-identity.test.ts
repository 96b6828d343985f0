import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openIdentity } from '../../src/identity/identity.ts';
import { moveIdentity } from '../../src/move/move-identity.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { addKey, principalFor } from '../identity/identities.ts';
import { tempDir, type TempDir } from '../support/temp-dir.ts';

let dir: TempDir;
let from: Store;
let to: Store;
beforeEach(async () => {
  dir = tempDir();
  from = await openSqliteStore({ file: join(dir.path, 'from.sqlite') });
  to = await openSqliteStore({ file: join(dir.path, 'to.sqlite') });
});
afterEach(async () => {
  await Promise.all([from.close(), to.close()]);
  dir.remove();
});

const identityOf = ({ identity: store }: Store) =>
  openIdentity({ store, verifyToken: null, ticketSeconds: 60, clock: { now: () => Date.now() } });

test('keys, tickets and the audit log go on in the other store, and a revocation follows', async () => {
  const kept = await addKey(from.identity, 'alice', 'submit');
  const revoked = await addKey(from.identity, 'alice', 'submit');
  for (let at = 1; at <= 450; at += 1) {
    const by = { owner: 'alice', role: 'operate', name: 'a', keyId: null };
    await from.identity.audit.append({
      id: `r${at}`,
      at: Math.ceil(at / 2),
      ...by,
      action: 'cancel',
      subject: 'x',
    });
  }
  expect(await moveIdentity(from.identity, to.identity)).toBe(2);
  await from.identity.keys.revoke(revoked.id, 7);
  await moveIdentity(from.identity, to.identity);
  const source = identityOf(from);
  await source.refresh();
  const ticket = (await source.ticketFor(principalFor('alice'), 'a'.repeat(32))) ?? '';
  const target = identityOf(to);
  await target.refresh();
  expect(await target.principalOf({ kind: 'ticket', text: ticket })).toMatchObject({ owner: 'alice' });
  expect(await target.principalOf({ kind: 'bearer', text: kept.key })).toMatchObject({ owner: 'alice' });
  await expect(target.principalOf({ kind: 'bearer', text: revoked.key })).rejects.toMatchObject({
    code: 'unauthorized',
  });
  expect(await to.identity.audit.list(1_000, null)).toHaveLength(450);
});
