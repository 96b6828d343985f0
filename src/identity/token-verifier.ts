/** JWTs of an identity provider: HS256 by a shared secret, RS256 and EdDSA by a key set in a file or at a URL. */
import { createLocalJWKSet, createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { FillstreamError } from '../errors.ts';
import type { Clock } from '../runtime/time.ts';
import { isOwner, isRole, ROLES, type Principal } from './principal.ts';
import { unauthorized } from './unauthorized.ts';

export interface TokenSettings {
  /** Null: tokens of HS256 are refused. */
  readonly secret: string | null;
  /** A URL, or the key set itself. Null: tokens of RS256 and EdDSA are refused. */
  readonly keySet: { readonly url: URL } | { readonly json: unknown } | null;
  /** Null: any. */
  readonly issuer: string | null;
  readonly audience: string | null;
  /** The claim that names the role. */
  readonly roleClaim: string;
}

export type VerifyToken = (token: string) => Promise<Principal>;

/** Between two servers. */
const CLOCK_TOLERANCE_S = 5;
const FETCH_LIMIT_MS = 3_000;
const KEY_SET_ALGORITHMS = ['RS256', 'EdDSA', 'Ed25519'];

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/**
 * @returns throws FillstreamError unauthorized, and identity_unavailable where the key set cannot be read now
 * @throws Error for a key set that is none
 */
export function tokenVerifier(settings: TokenSettings, clock: Clock): VerifyToken {
  const { issuer, audience, roleClaim } = settings;
  const secret = settings.secret === null ? null : new TextEncoder().encode(settings.secret);
  const keySet = settings.keySet === null ? null : keySetOf(settings.keySet);
  const demands = {
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
    requiredClaims: ['sub', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_S,
  };

  async function verify(token: string) {
    const options = { ...demands, currentDate: new Date(clock.now()) };
    if (secret !== null && (keySet === null || algorithmOf(token) === 'HS256')) {
      return jwtVerify(token, secret, { ...options, algorithms: ['HS256'] });
    }
    if (keySet === null) throw unauthorized('Tokens are not accepted here: expected an API key');
    return jwtVerify(token, keySet, { ...options, algorithms: KEY_SET_ALGORITHMS });
  }

  return async (token) => {
    let payload: Record<string, unknown>;
    try {
      ({ payload } = await verify(token));
    } catch (thrown) {
      throw asRefusal(thrown);
    }
    const { sub, exp } = payload;
    const role = payload[roleClaim];
    if (!isOwner(sub)) {
      throw unauthorized('The token: sub: expected 1 to 128 printable ASCII characters without space');
    }
    if (!isRole(role)) throw unauthorized(`The token: ${roleClaim}: expected one of ${ROLES.join(', ')}`);
    return {
      kind: 'token',
      owner: sub,
      role,
      name: sub,
      keyId: null,
      shareId: null,
      orderId: null,
      redact: false,
      expiresAt: (Number(exp) + CLOCK_TOLERANCE_S) * 1000,
    };
  };
}

/** The codes of a key set that is not there, or is none: the library's code for a bad answer is its general one. */
const OF_THE_KEY_SET = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

function keySetOf(source: NonNullable<TokenSettings['keySet']>): JWTVerifyGetKey {
  if ('url' in source) return createRemoteJWKSet(source.url, { timeoutDuration: FETCH_LIMIT_MS });
  return createLocalJWKSet(keySetSchema.parse(source.json));
}

function algorithmOf(token: string): unknown {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    return typeof header === 'object' && header !== null && 'alg' in header ? header.alg : null;
  } catch {
    return null;
  }
}

/** The library's own texts name no part of the token. */
function asRefusal(thrown: unknown): unknown {
  if (thrown instanceof FillstreamError) return thrown;
  if (thrown instanceof errors.JWTExpired) return unauthorized('The token has expired');
  if (!(thrown instanceof errors.JOSEError) || OF_THE_KEY_SET.includes(thrown.code)) {
    return new FillstreamError(
      'identity_unavailable',
      'The keys that tokens are checked with cannot be read',
      {
        retryAfterSeconds: 5,
        cause: thrown,
      },
    );
  }
  return unauthorized('The token is not valid');
}
