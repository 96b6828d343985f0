/** The JSON Schemas that are served and published one by one, for editors and validators. */
import type { z } from 'zod';
import { journaledMessageSchema, messageSchema, ordersMessageSchema } from '../../protocol/messages.ts';
import { problemSchema } from '../../protocol/problem.ts';
import { submissionSchema } from '../../protocol/requests.ts';
import { orderViewSchema } from '../../protocol/views.ts';
import { marketSchema } from '../../settings/chain-file.ts';
import { limitsFileSchema } from '../../settings/limits-file.ts';
import { standaloneSchema, type Json } from './json-schema.ts';

const PUBLISHED: Readonly<Record<string, z.ZodType>> = {
  message: messageSchema,
  'journaled-message': journaledMessageSchema,
  'orders-message': ordersMessageSchema,
  submission: submissionSchema,
  order: orderViewSchema,
  problem: problemSchema,
  'chain-file': marketSchema,
  'limits-file': limitsFileSchema,
};

export const SCHEMA_NAMES: readonly string[] = Object.keys(PUBLISHED);

/** Null: there is none of that name. */
export function publishedSchema(name: string): Json | null {
  const schema = Object.hasOwn(PUBLISHED, name) ? PUBLISHED[name] : undefined;
  return schema === undefined ? null : standaloneSchema(name, schema);
}
