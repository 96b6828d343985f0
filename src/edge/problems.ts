/** Errors as RFC 9457 problem JSON: in an answer, or on a socket that has no answer (a refused upgrade, bytes that are not HTTP). */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  ERRORS,
  type ErrorCode,
  type FieldError,
  type FillstreamError,
  type PassedLimit,
} from '../errors.ts';
import type { PublicAddress } from './public-address.ts';
import { EVERY_ANSWER, sendText, type AnswerHeaders } from './send.ts';

export interface Problem {
  /** The path of a page that explains the error, with the prefix of PUBLIC_URL. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly instance?: string;
  readonly errors?: readonly FieldError[];
  readonly limit?: PassedLimit;
  readonly lastSeq?: number;
}

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const MAX_INSTANCE_LENGTH = 256;
/** How long a peer may take to read the refusal and to close. */
const CLOSES_WITHIN_MS = 1_000;

/** `instance` is the request's path, as it arrived. */
export interface Problems {
  send(res: ServerResponse, error: FillstreamError, instance?: string): void;
  /** Writes an HTTP answer to a socket and closes it. */
  endSocket(socket: Duplex, error: FillstreamError, instance?: string): void;
}

export function problemWriter({ prefix }: Pick<PublicAddress, 'prefix'>): Problems {
  const textOf = (error: FillstreamError, instance?: string): string =>
    JSON.stringify(problemOf(error, prefix, instance));
  return {
    send(res, error, instance) {
      sendText(res, error.status, PROBLEM_TYPE, textOf(error, instance), headersOf(error));
    },

    endSocket(socket, error, instance) {
      const body = textOf(error, instance);
      const headers: AnswerHeaders = {
        Connection: 'close',
        ...EVERY_ANSWER,
        'Content-Type': PROBLEM_TYPE,
        'Content-Length': Buffer.byteLength(body),
        ...headersOf(error),
      };
      const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const reason = STATUS_CODES[error.status] ?? '';
      const timer = setTimeout(() => socket.destroy(), CLOSES_WITHIN_MS);
      socket.once('close', () => clearTimeout(timer));
      // The peer may be gone already.
      socket.on('error', () => socket.destroy());
      // Bytes that stay unread would make the kernel reset the connection before the peer has read the answer.
      socket.resume();
      socket.end(`HTTP/1.1 ${error.status} ${reason}\r\n${head.join('')}\r\n${body}`);
    },
  };
}

export function problemType(code: ErrorCode, prefix: string): string {
  return `${prefix}/problems/${code.replaceAll('_', '-')}`;
}

function problemOf(error: FillstreamError, prefix: string, instance?: string): Problem {
  const { status, title } = ERRORS[error.code];
  const { errors, limit, lastSeq } = error.details;
  return {
    type: problemType(error.code, prefix),
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(instance === undefined ? {} : { instance: `${prefix}${instance.slice(0, MAX_INSTANCE_LENGTH)}` }),
    ...(errors === undefined ? {} : { errors }),
    ...(limit === undefined ? {} : { limit }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
  };
}

function headersOf({ status, details: { retryAfterSeconds, allow } }: FillstreamError): AnswerHeaders {
  return {
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': retryAfterSeconds }),
    ...(allow === undefined ? {} : { Allow: allow }),
  };
}
