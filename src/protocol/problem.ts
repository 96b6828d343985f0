/** The body of every error: RFC 9457 problem JSON. */
import { z } from 'zod';
import { ERROR_CODES } from '../errors.ts';
import { seqSchema } from './fields.ts';

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(ERROR_CODES),
  detail: z.string(),
  instance: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  limit: z
    .object({
      token: z.string(),
      asked: z.string(),
      most: z.string(),
      left: z.string().optional(),
      renewsAt: z.iso.datetime().optional(),
    })
    .optional(),
  lastSeq: seqSchema.optional(),
});
