/** LIMITS_FILE: its form is described in docs/reference/settings.md. */
import { z } from 'zod';
import { parseAmount } from '../../machines/amount.ts';
import { addressSchema, amountSchema } from '../protocol/fields.ts';
import { CHECKSUM_EXPECTED, hasValidChecksum } from './address-checksum.ts';
import type { TokenName } from './token-names.ts';

export interface Limits {
  /** The most that an order may sell, in base units, by the token's one name. A missing token has no limit. */
  readonly perOrder: ReadonlyMap<string, bigint>;
  /** The most that the orders of an owner and a day (UTC) may sell together. */
  readonly perOwnerAndDay: ReadonlyMap<string, bigint>;
  /** Null: all. */
  readonly allowedTokens: ReadonlySet<string> | null;
  /** In lower case; null: all. An order without a recipient is always allowed: its signer receives. */
  readonly allowedRecipients: ReadonlySet<string> | null;
}

const amounts = z
  .record(
    z.string(),
    z.string('expected base units as a decimal string, "1000000"').pipe(amountSchema).transform(parseAmount),
  )
  .default({});

/** The file as it is written. */
export const limitsFileSchema = z.strictObject({
  /** For editors: where the JSON Schema of the file is. */
  $schema: z.string().optional(),
  perOrder: amounts,
  perOwnerAndDay: amounts,
  allowedTokens: z.array(z.string()).optional(),
  allowedRecipients: z.array(addressSchema.refine(hasValidChecksum, CHECKSUM_EXPECTED)).optional(),
});

/** The message has every fault and its place in the file. */
export class InvalidLimits extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join('; '));
    this.name = 'InvalidLimits';
  }
}

/**
 * @param known the symbols of the token list, for error messages
 * @throws InvalidLimits
 */
export function readLimits(json: unknown, nameOf: TokenName, known: readonly string[]): Limits {
  const parsed = limitsFileSchema.safeParse(json);
  if (!parsed.success) {
    throw new InvalidLimits(
      parsed.error.issues.map(
        ({ path, message }) => `${path.length === 0 ? 'the file' : path.join('.')}: ${message}`,
      ),
    );
  }
  const problems: string[] = [];
  const nameIn = (where: string, token: string): string => {
    if (!hasValidChecksum(token)) problems.push(`${where}: ${token}: ${CHECKSUM_EXPECTED}`);
    const name = nameOf(token);
    if (name === null) {
      problems.push(`${where}: ${token} is not on the token list, expected one of ${known.join(', ')}`);
    }
    return name ?? token;
  };
  const byName = (where: string, given: Readonly<Record<string, bigint>>): ReadonlyMap<string, bigint> => {
    const found = new Map<string, bigint>();
    for (const [token, amount] of Object.entries(given)) {
      const name = nameIn(`${where}.${token}`, token);
      if (found.has(name))
        problems.push(`${where}.${token}: the token is given under another name too, expected once`);
      found.set(name, amount);
    }
    return found;
  };
  const { perOrder, perOwnerAndDay, allowedTokens, allowedRecipients } = parsed.data;
  const limits: Limits = {
    perOrder: byName('perOrder', perOrder),
    perOwnerAndDay: byName('perOwnerAndDay', perOwnerAndDay),
    allowedTokens:
      allowedTokens === undefined
        ? null
        : new Set(allowedTokens.map((token) => nameIn('allowedTokens', token))),
    allowedRecipients:
      allowedRecipients === undefined ? null : new Set(allowedRecipients.map((each) => each.toLowerCase())),
  };
  if (problems.length > 0) throw new InvalidLimits(problems);
  return limits;
}
