/**
 * Moves API keys, the secret that signs tickets, and the audit log, so that clients go on with the keys that they have. Nothing is
 * overwritten. Share links are not moved: they end.
 */
import { randomBytes } from 'node:crypto';
import type { IdentityStore } from '../store/identity.ts';

const PAGE = 200;
/** As `src/identity/signed.ts` names it. */
const SIGNING_SECRET = 'signing';

/** @returns how many keys the source has */
export async function moveIdentity(from: IdentityStore, to: IdentityStore): Promise<number> {
  const drawn = randomBytes(32).toString('hex');
  await to.secrets.keep(SIGNING_SECRET, await from.secrets.keep(SIGNING_SECRET, drawn));
  const keys = await from.keys.list();
  for (const key of keys) {
    await to.keys.add(key);
    // One that was moved before and revoked since.
    if (key.revokedAt !== null) await to.keys.revoke(key.id, key.revokedAt);
  }
  let before: number | null = null;
  for (;;) {
    const records: Awaited<ReturnType<IdentityStore['audit']['list']>> = await from.audit.list(PAGE, before);
    for (const record of records) await to.audit.append(record);
    const last = records.at(-1);
    if (last === undefined || records.length < PAGE) return keys.length;
    // Records of the same millisecond may lie on both sides of a page: they are appended once.
    before = last.at + 1 === before ? last.at : last.at + 1;
  }
}
