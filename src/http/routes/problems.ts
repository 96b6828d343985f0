/** What a problem's `type` leads to: the error, explained, for people and programs. */
import { z } from 'zod';
import { problemType } from '../../edge/problems.ts';
import type { PublicAddress } from '../../edge/public-address.ts';
import { ERROR_CODES, ERRORS, FillstreamError } from '../../errors.ts';
import { getRoute, type Route } from '../route.ts';

const problemViewSchema = z.object({
  type: z.string(),
  code: z.enum(ERROR_CODES),
  status: z.number().int(),
  closeCode: z.number().int().nullable(),
  title: z.string(),
  advice: z.string(),
});

/** Error codes by the last part of the problem type. */
const CODES_BY_NAME = new Map(
  ERROR_CODES.map((code) => [problemType(code, '').slice('/problems/'.length), code]),
);

export function problemRoutes({ prefix }: Pick<PublicAddress, 'prefix'>): readonly Route[] {
  return [
    getRoute({
      path: '/problems/:name',
      summary: 'Read what an error means, as JSON or HTML',
      access: 'public',
      params: z.strictObject({ name: z.string() }),
      // Links to this page may carry anything.
      query: z.looseObject({}),
      answers: { 200: problemViewSchema },
      texts: ['text/html'],
      errors: ['not_found'],
      handle: ({ params: { name } }, _principal, req) => {
        const code = CODES_BY_NAME.get(name);
        if (code === undefined) {
          throw new FillstreamError('not_found', `There is no problem ${JSON.stringify(name.slice(0, 64))}`);
        }
        const { status, closeCode, title, advice } = ERRORS[code];
        const view = { type: problemType(code, prefix), code, status, closeCode, title, advice };
        const wantsHtml = req.accepts(['application/json', 'text/html']) === 'text/html';
        return Promise.resolve({ status: 200, body: wantsHtml ? htmlOf(view) : view });
      },
    }),
  ];
}

function htmlOf({ code, status, title, advice }: z.infer<typeof problemViewSchema>): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${code}</title><h1>${title}</h1><p><code>${code}</code>, HTTP ${status}</p><p>${advice}</p></html>\n`;
}
