/** Keys, tokens and tickets of several owners, good and bad, for a store of tests. */
import { SignJWT } from 'jose';
import { drawApiKey } from '../../src/identity/api-key.ts';
import { openIdentity, type Identity } from '../../src/identity/identity.ts';
import type { Principal, Role } from '../../src/identity/principal.ts';
import { tokenVerifier } from '../../src/identity/token-verifier.ts';
import type { Clock } from '../../src/runtime/time.ts';
import type { ApiKeyRecord, IdentityStore } from '../../src/store/identity.ts';

export const JWT_SECRET = 'a secret that only the tests know';
export const AUDIENCE = 'fillstream-tests';

export const identityOf =
  (ticketSeconds = 600) =>
  ({ identity: store }: { readonly identity: IdentityStore }, clock: Clock): Identity =>
    openIdentity({
      store,
      verifyToken: tokenVerifier(
        { secret: JWT_SECRET, keySet: null, issuer: null, audience: AUDIENCE, roleClaim: 'role' },
        clock,
      ),
      ticketSeconds,
      clock,
    });

export async function addKey(
  { keys }: IdentityStore,
  owner: string,
  role: Role,
  over: Partial<ApiKeyRecord> = {},
): Promise<{ readonly id: string; readonly key: string }> {
  const { id, secretHash, key } = drawApiKey();
  const record = {
    id,
    secretHash,
    owner,
    role,
    name: `${owner}'s`,
    createdAt: 1,
    expiresAt: null,
    revokedAt: null,
  };
  await keys.add({ ...record, ...over });
  return { id, key };
}

interface TokenWishes {
  readonly role?: unknown;
  readonly secret?: string;
  readonly audience?: string;
  /** Seconds from now. */
  readonly expiresIn?: number;
}

export function tokenFor(sub: string, wishes: TokenWishes = {}): Promise<string> {
  const { role = 'submit', secret = JWT_SECRET, audience = AUDIENCE, expiresIn = 600 } = wishes;
  return new SignJWT({ sub, role })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
    .sign(new TextEncoder().encode(secret));
}

export function unsignedToken(sub: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 600;
  return `${part({ alg: 'none' })}.${part({ sub, role: 'operate', aud: AUDIENCE, exp })}.`;
}

export function principalFor(owner: string, over: Partial<Principal> = {}): Principal {
  return {
    kind: 'key',
    owner,
    role: 'submit',
    name: owner,
    keyId: null,
    shareId: null,
    orderId: null,
    redact: false,
    expiresAt: null,
    ...over,
  };
}
