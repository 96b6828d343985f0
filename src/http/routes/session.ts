/** The page's sign-in: a cookie that scripts cannot read, in exchange for an API key or a token. */
import { z } from 'zod';
import type { Access } from '../../edge/access.ts';
import { SESSION_COOKIE } from '../../edge/credentials.ts';
import type { PublicAddress } from '../../edge/public-address.ts';
import { ROLES, type Principal } from '../../identity/principal.ts';
import type { Clock } from '../../runtime/time.ts';
import { ANY_HEADERS, getRoute, NO_PARAMETERS, postRoute, type Route } from '../route.ts';

export interface SessionRoutesDeps {
  readonly access: Pick<Access, 'sessionFor'>;
  readonly address: PublicAddress;
  readonly clock: Clock;
}

const sessionViewSchema = z.object({
  owner: z.string(),
  role: z.enum(ROLES),
  name: z.string(),
  /** `local`: no credentials are needed here. */
  kind: z.enum(['local', 'key', 'token', 'ticket', 'share', 'anonymous']),
  /** Null: it has no end. */
  expiresAt: z.iso.datetime().nullable(),
});

export type SessionView = z.infer<typeof sessionViewSchema>;

export function sessionRoutes({ access, address, clock }: SessionRoutesDeps): readonly Route[] {
  const cookie = (value: string, seconds: number): string =>
    [
      `${SESSION_COOKIE}=${value}`,
      `Path=${address.prefix}/`,
      `Max-Age=${seconds}`,
      'HttpOnly',
      'SameSite=Strict',
      ...(address.origin?.startsWith('https:') === true ? ['Secure'] : []),
    ].join('; ');

  return [
    getRoute({
      path: '/api/session',
      summary: 'Read for whom a request acts',
      access: 'watch',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      answers: { 200: sessionViewSchema },
      errors: ['store_unavailable'],
      handle: (_input, principal) => Promise.resolve({ status: 200, body: viewOf(principal) }),
    }),

    postRoute({
      path: '/api/session',
      summary: 'Sign the page in: exchange an API key or a token for a cookie',
      access: 'watch',
      needsCredentials: true,
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: z.strictObject({}).optional(),
      answers: { 200: sessionViewSchema },
      errors: ['store_unavailable'],
      handle: async (_input, principal) => {
        const { session, expiresAt } = await access.sessionFor(principal);
        const seconds = Math.max(0, Math.floor((expiresAt - clock.now()) / 1000));
        return {
          status: 200,
          body: viewOf({ ...principal, expiresAt }),
          headers: { 'Set-Cookie': cookie(session, seconds) },
        };
      },
    }),

    postRoute({
      path: '/api/session/end',
      summary: 'Sign the page out',
      access: 'public',
      params: NO_PARAMETERS,
      query: NO_PARAMETERS,
      headers: ANY_HEADERS,
      body: z.strictObject({}).optional(),
      answers: { 200: z.object({}) },
      errors: [],
      handle: () => Promise.resolve({ status: 200, body: {}, headers: { 'Set-Cookie': cookie('', 0) } }),
    }),
  ];
}

function viewOf({ owner, role, name, kind, expiresAt }: Principal): SessionView {
  return {
    owner,
    role,
    name,
    kind,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  };
}
