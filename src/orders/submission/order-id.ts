/** The order id is derived from owner and idempotency key: the store's primary key makes submissions unique, sharded or not. */
import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';

/** RFC 4648, lower case: safe in URLs and file names, and easy to read aloud. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_BYTES = 20;

/** The first 160 bits of SHA-256(owner, key), as 32 characters. The prefixed length separates owner and key. */
export function orderIdOf(owner: string, idempotencyKey: string): string {
  const digest = hash('sha256', `${Buffer.byteLength(owner)}:${owner}:${idempotencyKey}`, 'buffer');
  return base32(digest.subarray(0, ID_BYTES));
}

/**
 * SHA-256 (hex) of the client's JSON in canonical form (RFC 8785), before defaults are added. Spacing and order of fields do
 * not matter.
 */
export function requestHashOf(body: unknown): string {
  return hash('sha256', canonicalize(body) ?? '');
}

/** Without padding: 20 bytes are 32 whole groups of 5 bits. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let buffered = 0;
  for (const byte of bytes) {
    buffered = (buffered << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt((buffered >>> bits) & 31);
    }
    buffered &= (1 << bits) - 1;
  }
  return text;
}
