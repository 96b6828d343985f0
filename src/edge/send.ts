/** Writes answers without Express, whose `res.json` costs more than the rest of a small answer. */
import type { ServerResponse } from 'node:http';

/** An answer holds for one moment and one client: it must not be cached, sniffed or framed. */
export const EVERY_ANSWER = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
} as const;

export type AnswerHeaders = Readonly<Record<string, string | number>>;

export function sendJson(
  res: ServerResponse,
  status: number,
  body: object,
  headers: AnswerHeaders = {},
): void {
  sendText(res, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);
}

export function sendText(
  res: ServerResponse,
  status: number,
  contentType: string,
  text: string,
  headers: AnswerHeaders = {},
): void {
  res.writeHead(status, {
    ...EVERY_ANSWER,
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
}

export function sendNothing(res: ServerResponse, status: 204, headers: AnswerHeaders): void {
  res.writeHead(status, { ...EVERY_ANSWER, ...headers });
  res.end();
}
