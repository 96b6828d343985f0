import { checksumAddress, isHex } from 'viem';
import { addressSchema } from '../protocol/fields.ts';

export const CHECKSUM_EXPECTED =
  'expected an address with a valid EIP-55 checksum, or with all letters in one case';

/** EIP-55. An address in one case has no checksum, and text that is not an address has none either. */
export function hasValidChecksum(text: string): boolean {
  if (!addressSchema.safeParse(text).success || !isHex(text)) return true;
  const digits = text.slice(2);
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return true;
  return checksumAddress(text) === text;
}
