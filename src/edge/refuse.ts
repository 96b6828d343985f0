/** Refusals before there is a stream, as RFC 9457 problem JSON. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type FillstreamError } from '../errors.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function problemJson(error: FillstreamError): string {
  const { status, title } = ERRORS[error.code];
  const type = `/problems/${error.code.replaceAll('_', '-')}`;
  return JSON.stringify({ type, title, status, code: error.code, detail: error.message });
}

/** Answers a request to upgrade, of which nothing but a socket is left. */
export function refuseUpgrade(socket: Duplex, error: FillstreamError): void {
  const body = problemJson(error);
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'Connection: close',
    'Cache-Control: no-store',
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  // A peer that is gone already is no reason to fall over.
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
