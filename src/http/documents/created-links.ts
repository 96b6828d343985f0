/** What can be done next with what a request created, as links of OpenAPI: generators and fuzzers follow them. */
import { z } from 'zod';
import type { Route } from '../route.ts';
import { operationIdOf } from './operation-id.ts';

type Link = {
  readonly operationId: string;
  readonly parameters: Readonly<Record<string, string>>;
};

/**
 * The operations whose path names the new id, `orderId` or `shareId`, beside ids that the request's own path had.
 * @param answer of status 201, with the new id as a field
 */
export function createdLinks(
  { path }: Pick<Route, 'path'>,
  answer: z.ZodType,
  routes: readonly Pick<Route, 'path' | 'method'>[],
): Readonly<Record<string, Link>> {
  const fields = answer instanceof z.ZodObject ? Object.keys(answer.shape) : [];
  const had = idsIn(path);
  const created = fields.filter((field) => !had.includes(field));
  const sources: Readonly<Record<string, string>> = Object.fromEntries([
    ...created.map((id) => [id, `$response.body#/${id}`] as const),
    ...had.map((id) => [id, `$request.path.${id}`] as const),
  ]);
  const links = routes.flatMap((next): Link[] => {
    const ids = idsIn(next.path);
    if (!ids.some((id) => created.includes(id)) || !ids.every((id) => id in sources)) return [];
    const parameters = Object.fromEntries(ids.map((id) => [id, sources[id] ?? '']));
    return [{ operationId: operationIdOf(next), parameters }];
  });
  return Object.fromEntries(links.map((link) => [link.operationId, link]));
}

function idsIn(path: string): readonly string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, id = '']) => id);
}
