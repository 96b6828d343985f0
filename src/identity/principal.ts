/** On whose behalf a request acts, and what it may do. */

/** Each role includes those before it. */
export const ROLES = ['watch', 'submit', 'operate'] as const;

/**
 * - `watch`: reads the owner's orders and follows them
 * - `submit`: also submits and cancels orders of the owner
 * - `operate`: also acts on orders of every owner and on signers; each such action is in an audit record
 */
export type Role = (typeof ROLES)[number];

/** What a route asks for. `public`: nothing. */
export type AccessRule = 'public' | Role;

export interface Principal {
  /**
   * - `local`: no credentials, where none are set up
   * - `key`, `token`: an API key, a JWT
   * - `ticket`, `share`: one order, read only
   * - `anonymous`: no credentials, on a public route
   */
  readonly kind: 'local' | 'key' | 'token' | 'ticket' | 'share' | 'anonymous';
  readonly owner: string;
  readonly role: Role;
  /** For people: the name of the key, or the subject of the token. */
  readonly name: string;
  /** The API key that it acts by, or that its ticket was made with. */
  readonly keyId: string | null;
  readonly shareId: string | null;
  /** The only order that it may read. Null: all of the owner's. */
  readonly orderId: string | null;
  /** Amounts and addresses are kept from it, as SHARE_HIDES says. */
  readonly redact: boolean;
  /** Unix milliseconds. Null: it has no end. */
  readonly expiresAt: number | null;
}

export function includesRole(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

const NOTHING_SPECIAL = { keyId: null, shareId: null, orderId: null, redact: false, expiresAt: null };

/** Where no keys and no tokens are set up. Orders of releases without identities are this owner's. */
export const LOCAL_OWNER = 'local';
export const LOCAL: Principal = {
  kind: 'local',
  owner: LOCAL_OWNER,
  role: 'operate',
  name: LOCAL_OWNER,
  ...NOTHING_SPECIAL,
};

export const ANONYMOUS: Principal = {
  kind: 'anonymous',
  owner: '',
  role: 'watch',
  name: '',
  ...NOTHING_SPECIAL,
};

const OWNER = /^[\x21-\x7e]{1,128}$/;

/** 1 to 128 printable ASCII characters without space. */
export function isOwner(text: unknown): text is string {
  return typeof text === 'string' && OWNER.test(text);
}

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text);
}
