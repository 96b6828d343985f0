/** Errors as RFC 9457 problem JSON. */
import type { ServerResponse } from 'node:http';
import {
  ERRORS,
  type ErrorCode,
  type FieldError,
  type FillstreamError,
  type PassedLimit,
} from '../errors.ts';
import { sendText, type AnswerHeaders } from './send.ts';

export interface Problem {
  /** Relative to wherever the API was reached: there it is explained. */
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

export function problemType(code: ErrorCode): string {
  return `/problems/${code.replaceAll('_', '-')}`;
}

/** @param instance the path that was asked for, as it was sent */
export function problemOf(error: FillstreamError, instance?: string): Problem {
  const { status, title } = ERRORS[error.code];
  const { errors, limit, lastSeq } = error.details;
  return {
    type: problemType(error.code),
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(instance === undefined ? {} : { instance: instance.slice(0, 256) }),
    ...(errors === undefined ? {} : { errors }),
    ...(limit === undefined ? {} : { limit }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
  };
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function sendProblem(res: ServerResponse, error: FillstreamError, instance?: string): void {
  const { retryAfterSeconds, allow } = error.details;
  const headers: AnswerHeaders = {
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': retryAfterSeconds }),
    ...(allow === undefined ? {} : { Allow: allow }),
  };
  sendText(res, error.status, PROBLEM_TYPE, JSON.stringify(problemOf(error, instance)), headers);
}
