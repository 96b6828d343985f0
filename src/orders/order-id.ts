/** The order's id is its idempotency key: uniqueness is the primary key's, in any store, sharded or not. */
import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';

/** RFC 4648, lower case: survives URLs, file names and being read aloud. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_BYTES = 20;

/** The first 160 bits of SHA-256(owner, key), as 32 characters. The owner's length keeps the two apart. */
export function orderIdOf(owner: string, idempotencyKey: string): string {
  const digest = hash('sha256', `${Buffer.byteLength(owner)}:${owner}:${idempotencyKey}`, 'buffer');
  return base32(digest.subarray(0, ID_BYTES));
}

/**
 * SHA-256 (hex) of the client's own JSON in canonical form (RFC 8785), before any default: two bodies are the same request
 * when they say the same, however they are spaced and ordered.
 */
export function requestHashOf(body: unknown): string {
  return hash('sha256', canonicalize(body) ?? '');
}

/** Whole groups of 5 bits only: 20 bytes need no padding. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt((held >>> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return text;
}
