/** Who a request's credentials name: API keys, tokens of an identity provider, tickets, share links and the page's sessions. */
import { FillstreamError } from '../errors.ts';
import { orderIdSchema } from '../protocol/fields.ts';
import { RecentReads } from '../runtime/recent-reads.ts';
import type { Clock } from '../runtime/time.ts';
import type { ApiKeyRecord, IdentityStore, ShareRecord } from '../store/identity.ts';
import { API_KEY_PREFIX, isSecretOf, readApiKey } from './api-key.ts';
import { isRole, LOCAL, type Principal } from './principal.ts';
import { Signed } from './signed.ts';
import type { VerifyToken } from './token-verifier.ts';
import { unauthorized } from './unauthorized.ts';

/** What a request carries. */
export type Credentials =
  | { readonly kind: 'none' }
  /** An API key or a token. */
  | { readonly kind: 'bearer' | 'ticket' | 'session'; readonly text: string };

export type AccessEnd = 'expired' | 'revoked';

export interface Identity {
  /** No key was ever made and no tokens are accepted: a request without credentials acts for the owner `local`. */
  readonly isOpen: boolean;
  /** Reads `isOpen` anew. @throws StoreUnavailable */
  refresh(): Promise<void>;
  /** @throws FillstreamError unauthorized, identity_unavailable. @throws StoreUnavailable */
  principalOf(credentials: Credentials): Promise<Principal>;
  /** Whether a principal of before is still one. Null: it is. @throws StoreUnavailable */
  endOf(principal: Principal): Promise<AccessEnd | null>;
  /** A ticket for the order. Null: none is needed, or the principal has one itself. @throws StoreUnavailable */
  ticketFor(principal: Principal, orderId: string): Promise<string | null>;
  /** The ticket of a share link. @throws StoreUnavailable */
  shareTicket(share: ShareRecord): Promise<string>;
  /** What the page keeps in its cookie. @throws StoreUnavailable */
  sessionFor(principal: Principal): Promise<{ readonly session: string; readonly expiresAt: number }>;
}

export interface IdentityDeps {
  readonly store: IdentityStore;
  /** Null: tokens are not accepted. */
  readonly verifyToken: VerifyToken | null;
  readonly ticketSeconds: number;
  readonly clock: Clock;
  /** Milliseconds that no clock sets back. */
  readonly elapsed?: () => number;
}

/** A change of a key is seen within this time, and a stream of it ends within one look of the feed more. */
const KNOWN_FOR_MS = 2_000;
const MOST_KNOWN = 10_000;
const SESSION_MS = 12 * 60 * 60 * 1000;

export function openIdentity(deps: IdentityDeps): Identity {
  const { store, verifyToken, ticketSeconds, clock, elapsed = () => performance.now() } = deps;
  const recent = { maxAgeMs: KNOWN_FOR_MS, maxEntries: MOST_KNOWN, now: elapsed };
  const keys = new RecentReads((id) => store.keys.find(id), recent);
  const shares = new RecentReads((id) => store.shares.find(id), recent);
  const signed = new Signed(store.secrets, clock);
  let isOpen = verifyToken === null;

  const endOfRecord = (record: ApiKeyRecord | ShareRecord | null): AccessEnd | null => {
    if (record?.revokedAt !== null) return 'revoked';
    return record.expiresAt !== null && record.expiresAt <= clock.now() ? 'expired' : null;
  };

  async function keyPrincipal(keyId: string): Promise<Principal> {
    const key = await keys.get(keyId);
    if (key === null || !isRole(key.role)) throw unauthorized('The API key is not valid');
    const end = endOfRecord(key);
    if (end !== null)
      throw unauthorized(`The API key ${key.id} ${end === 'expired' ? 'has expired' : 'was revoked'}`);
    const { owner, role, name, expiresAt } = key;
    return { kind: 'key', owner, role, name, keyId, shareId: null, orderId: null, redact: false, expiresAt };
  }

  async function byApiKey(text: string): Promise<Principal> {
    const sent = readApiKey(text);
    const key = sent === null ? null : await keys.get(sent.id);
    if (sent === null || key === null || !isSecretOf(sent.secret, key.secretHash)) {
      throw unauthorized('The API key is not valid');
    }
    return keyPrincipal(sent.id);
  }

  async function byTicket(text: string): Promise<Principal> {
    const { sub: owner, ord, kid, shr, name, exp } = await signed.read('ticket', text);
    const orderId = orderIdSchema.safeParse(ord);
    if (owner === undefined || !orderId.success) throw unauthorized('The ticket is not valid or has expired');
    const principal: Principal = {
      kind: typeof shr === 'string' ? 'share' : 'ticket',
      owner,
      role: 'watch',
      name: typeof name === 'string' ? name : owner,
      keyId: typeof kid === 'string' ? kid : null,
      shareId: typeof shr === 'string' ? shr : null,
      orderId: orderId.data,
      redact: typeof shr === 'string',
      expiresAt: Number(exp) * 1000,
    };
    if ((await endOfStored(principal)) !== null) throw unauthorized('The ticket was revoked');
    return principal;
  }

  async function bySession(text: string): Promise<Principal> {
    const { sub: owner, role, name, kid, exp } = await signed.read('session', text);
    if (owner === undefined || !isRole(role)) throw unauthorized('The session is not valid or has expired');
    const expiresAt = Number(exp) * 1000;
    if (typeof kid === 'string') return { ...(await keyPrincipal(kid)), expiresAt };
    return {
      kind: 'token',
      owner,
      role,
      name: typeof name === 'string' ? name : owner,
      keyId: null,
      shareId: null,
      orderId: null,
      redact: false,
      expiresAt,
    };
  }

  async function endOfStored({ kind, keyId, shareId }: Principal): Promise<AccessEnd | null> {
    if (kind === 'local') return isOpen ? null : 'revoked';
    const ofShare = shareId === null ? null : endOfRecord(await shares.get(shareId));
    if (ofShare !== null || keyId === null) return ofShare;
    return endOfRecord(await keys.get(keyId));
  }

  return {
    get isOpen() {
      return isOpen;
    },

    refresh: async () => {
      if (isOpen) isOpen = !(await store.keys.any());
    },

    principalOf: async (credentials) => {
      switch (credentials.kind) {
        case 'none':
          if (isOpen) return LOCAL;
          throw unauthorized('Expected an API key or a token: Authorization: Bearer …');
        case 'ticket':
          return byTicket(credentials.text);
        case 'session':
          return isOpen ? LOCAL : bySession(credentials.text);
        case 'bearer':
          if (credentials.text.startsWith(API_KEY_PREFIX)) return byApiKey(credentials.text);
          // A client that sends what is not needed is not refused for it, as before there were identities.
          if (isOpen) return LOCAL;
          if (verifyToken === null) throw unauthorized('Tokens are not accepted here: expected an API key');
          return verifyToken(credentials.text);
      }
    },

    endOf: async (principal) =>
      principal.expiresAt !== null && principal.expiresAt <= clock.now() ? 'expired' : endOfStored(principal),

    ticketFor: async (principal, orderId) => {
      if (isOpen || principal.orderId !== null) return null;
      const { owner, name, keyId } = principal;
      return signed.sign(
        'ticket',
        { sub: owner, ord: orderId, name, ...(keyId === null ? {} : { kid: keyId }) },
        earlier(clock.now() + ticketSeconds * 1000, principal.expiresAt),
      );
    },

    shareTicket: ({ id, owner, orderId, keyId, expiresAt }) =>
      signed.sign(
        'ticket',
        { sub: owner, ord: orderId, shr: id, name: 'share', ...(keyId === null ? {} : { kid: keyId }) },
        expiresAt,
      ),

    sessionFor: async (principal) => {
      const { kind, owner, role, name, keyId } = principal;
      if (kind !== 'key' && kind !== 'token') {
        throw new FillstreamError('unauthorized', 'A session begins with an API key or a token');
      }
      const expiresAt = earlier(clock.now() + SESSION_MS, principal.expiresAt);
      const payload = { sub: owner, role, name, ...(keyId === null ? {} : { kid: keyId }) };
      return { session: await signed.sign('session', payload, expiresAt), expiresAt };
    },
  };
}

function earlier(at: number, other: number | null): number {
  return other === null ? at : Math.min(at, other);
}

/** For processes without orders, and for tests of what does not concern identities. */
export const OPEN_IDENTITY: Identity = {
  isOpen: true,
  refresh: () => Promise.resolve(),
  principalOf: () => Promise.resolve(LOCAL),
  endOf: () => Promise.resolve(null),
  ticketFor: () => Promise.resolve(null),
  shareTicket: () => Promise.reject(unauthorized('There are no share links here')),
  sessionFor: () => Promise.reject(unauthorized('There are no sessions here')),
};
