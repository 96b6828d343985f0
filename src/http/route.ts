/** A row of the route table: what a route takes and answers, and the function that does it. */
import type { ServerResponse } from 'node:http';
import type { Request } from 'express';
import { z } from 'zod';
import type { AccessRule, Principal } from '../identity/principal.ts';
import { readBody, readHeaders, readPath, readQuery } from '../edge/read-input.ts';
import type { AnswerHeaders } from '../edge/send.ts';
import type { ErrorCode } from '../errors.ts';
import { answerInTime } from './answer-in-time.ts';
import { readJsonBody } from './read-body.ts';

export interface Reply {
  readonly status: number;
  /** JSON, or the text of an HTML page. */
  readonly body: object | string;
  readonly headers?: AnswerHeaders;
}

/** An answer that goes on for as long as there is something to tell. */
export interface StreamReply {
  /**
   * Writes the answer, head and all; resolves once it has begun. A HEAD request gets the head alone.
   * @throws FillstreamError with nothing written
   */
  readonly stream: (res: ServerResponse) => Promise<void>;
}

interface Described {
  /** As Express writes it: `/api/orders/:orderId`. */
  readonly path: string;
  readonly summary: string;
  /** Who may: no route is public by omission. A `watch` route with `:orderId` also takes the order's tickets. */
  readonly access: AccessRule;
  /** True: a server without keys wants credentials, too. */
  readonly needsCredentials?: true;
  /** The JSON of each status that is not an error; of a stream, that of each event. `z.undefined()`: no body. */
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** Other forms in which 200 may come: their media types. */
  readonly texts?: readonly string[];
  /** The errors that the route may answer; in a definition, those that do not follow from the method. */
  readonly errors: readonly ErrorCode[];
}

export interface Route extends Described {
  readonly method: 'GET' | 'POST';
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  /** Names in lower case. */
  readonly headers: z.ZodType;
  /** Null: the route takes no body. */
  readonly body: z.ZodType | null;
  /** Reads the request's input and answers it. @throws FillstreamError one of `errors` */
  readonly handle: (req: Request, principal: Principal) => Promise<Reply | StreamReply>;
  /** Server-sent events. Pages of foreign origins are refused, as they are for a POST. */
  readonly isStream: boolean;
}

interface StreamDefinition<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Headers extends z.ZodType,
> extends Described {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly open: (
    input: {
      readonly params: z.output<Params>;
      readonly query: z.output<Query>;
      readonly headers: z.output<Headers>;
    },
    principal: Principal,
    req: Request,
  ) => StreamReply['stream'];
}

interface GetDefinition<Params extends z.ZodType, Query extends z.ZodType> extends Described {
  readonly params: Params;
  readonly query: Query;
  readonly handle: (
    input: { readonly params: z.output<Params>; readonly query: z.output<Query> },
    principal: Principal,
    req: Request,
  ) => Promise<Reply>;
}

interface PostDefinition<
  Params extends z.ZodType,
  Headers extends z.ZodType,
  Body extends z.ZodType,
  Query extends z.ZodType,
> extends Described {
  readonly params: Params;
  readonly query: Query;
  readonly headers: Headers;
  readonly body: Body;
  readonly handle: (
    input: {
      readonly params: z.output<Params>;
      readonly query: z.output<Query>;
      readonly headers: z.output<Headers>;
      readonly body: z.output<Body>;
      /** The client's own JSON, before defaults. */
      readonly sentBody: unknown;
    },
    principal: Principal,
    req: Request,
  ) => Promise<Reply>;
}

/** No parameters. An unknown one is refused by name. */
export const NO_PARAMETERS = z.strictObject({});
export const ANY_HEADERS = z.object({});

const CREDENTIAL_ERRORS = ['unauthorized', 'forbidden', 'identity_unavailable', 'rate_limited'] as const;

function credentialErrors(access: AccessRule): readonly ErrorCode[] {
  return access === 'public' ? [] : CREDENTIAL_ERRORS;
}

/** Changes nothing. `HEAD` and `OPTIONS` come with it. */
export function getRoute<Params extends z.ZodType, Query extends z.ZodType>(
  definition: GetDefinition<Params, Query>,
): Route {
  const { params, query, access, errors, handle } = definition;
  return {
    ...definition,
    method: 'GET',
    headers: ANY_HEADERS,
    body: null,
    isStream: false,
    errors: ['invalid_request', ...credentialErrors(access), ...errors, 'internal_error'],
    handle: async (req, principal) =>
      answerInTime(
        handle(
          { params: readPath(params, { ...req.params }), query: readQuery(query, req.url) },
          principal,
          req,
        ),
      ),
  };
}

/** Answers with server-sent events. `HEAD` and `OPTIONS` come with it. */
export function streamRoute<Params extends z.ZodType, Query extends z.ZodType, Headers extends z.ZodType>(
  definition: StreamDefinition<Params, Query, Headers>,
): Route {
  const { params, query, headers, errors, open, ...described } = definition;
  return {
    ...described,
    params,
    query,
    headers,
    method: 'GET',
    body: null,
    isStream: true,
    errors: [
      'invalid_request',
      'origin_not_allowed',
      ...credentialErrors(described.access),
      ...errors,
      'internal_error',
    ],
    handle: (req, principal) => {
      const input = {
        params: readPath(params, { ...req.params }),
        query: readQuery(query, req.url),
        headers: readHeaders(headers, req.headers),
      };
      return Promise.resolve({ stream: open(input, principal, req) });
    },
  };
}

/** Changes something: pages of foreign origins are refused. `OPTIONS` comes with it. */
export function postRoute<
  Params extends z.ZodType,
  Headers extends z.ZodType,
  Body extends z.ZodType,
  Query extends z.ZodType,
>(definition: PostDefinition<Params, Headers, Body, Query>): Route {
  const { params, query, headers, body, access, errors, handle } = definition;
  return {
    ...definition,
    method: 'POST',
    isStream: false,
    errors: [
      'invalid_request',
      'invalid_json',
      'origin_not_allowed',
      'body_too_large',
      'unsupported_media_type',
      ...credentialErrors(access),
      ...errors,
      'internal_error',
    ],
    handle: async (req, principal) => {
      const input = {
        params: readPath(params, { ...req.params }),
        headers: readHeaders(headers, req.headers),
        query: readQuery(query, req.url),
      };
      const sentBody = await readJsonBody(req);
      return answerInTime(handle({ ...input, sentBody, body: readBody(body, sentBody) }, principal, req));
    },
  };
}
