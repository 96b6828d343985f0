/** Holds answers against the OpenAPI document: what the server says is what the document says. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import { openApiDocument } from '../../../src/http/documents/openapi.ts';
import { ROUTES } from './described-routes.ts';

const mediaSchema = z.looseObject({ schema: z.record(z.string(), z.unknown()) });
const responseSchema = z.looseObject({ content: z.record(z.string(), mediaSchema).optional() });
const documentSchema = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), responseSchema) })),
  ),
  components: z.record(z.string(), z.record(z.string(), z.unknown())),
});

const document = documentSchema.parse(openApiDocument(ROUTES, { version: '0.0.0', prefix: '' }));

export function validatorFor(root: object): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', ...root });
  return ajv;
}

const ajv = validatorFor(closed({ components: document.components }));
const compiled = new Map<string, ValidateFunction>();

export interface SentAnswer {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly text: string;
}

/** What is wrong with the answer; null: it is as the document says, or at a path that is not of the API. */
export function faultOf({ method, path, status, contentType, text }: SentAnswer): string | null {
  const template = templateOf(path.replace(/\?.*/s, ''));
  const operation = template === null ? undefined : document.paths[template]?.[method.toLowerCase()];
  // What every path answers to a method that it has not is described once, in words.
  if (template === null || operation === undefined) return null;
  const where = `${method} ${template} ${status}`;
  const response = operation.responses[status];
  if (response === undefined) return `${where}: the document has no such answer`;
  const type = (contentType ?? '').replace(/;.*/s, '');
  if (response.content === undefined) return text === '' ? null : `${where}: expected no body`;
  const media = response.content[type];
  if (media === undefined) return `${where}: the document has no ${type}`;
  if (!type.endsWith('json')) return null;
  let validate = compiled.get(`${where} ${type}`);
  if (validate === undefined) {
    validate = ajv.compile(withAbsoluteRefs(closed(media.schema)));
    compiled.set(`${where} ${type}`, validate);
  }
  return validate(JSON.parse(text)) ? null : `${where}: ${ajv.errorsText(validate.errors)}`;
}

export function withAbsoluteRefs(schema: object): object {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/');
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/**
 * The same, without a field that is not described: what is sent has to be known to the document, although clients must ignore what is
 * not known to them.
 */
export function closed(schema: object): object {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== 'object' || value === null) return value;
    const parts = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, close(part)]));
    const isOpen = 'properties' in value && !('$ref' in value) && !('additionalProperties' in value);
    return isOpen ? { ...parts, additionalProperties: false } : parts;
  };
  return z.record(z.string(), z.unknown()).parse(close(schema));
}

/** A path without parameters goes before one with them, as in the table. */
function templateOf(path: string): string | null {
  const fitting = Object.keys(document.paths).filter((template) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  return fitting.sort((one, other) => one.split('{').length - other.split('{').length)[0] ?? null;
}
