/**
 * API keys: `fs_<id>_<secret>`. The id is no secret and names the key in lists and logs; of the secret, 256 random bits, only the
 * SHA-256 is stored. A slow hash would add nothing: 256 bits cannot be guessed.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_BYTES = 9;
const ID_LENGTH = 13;
const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;
const KEY = new RegExp(`^fs_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})$`);

export const API_KEY_PREFIX = 'fs_';

export interface DrawnKey {
  readonly id: string;
  readonly secretHash: string;
  /** Shown once, when the key is made. */
  readonly key: string;
}

export function drawApiKey(draw: (bytes: number) => Uint8Array = randomBytes): DrawnKey {
  const id = base62(draw(ID_BYTES), ID_LENGTH);
  const secret = base62(draw(SECRET_BYTES), SECRET_LENGTH);
  return { id, secretHash: hashSecret(secret), key: `${API_KEY_PREFIX}${id}_${secret}` };
}

/** Null: it has not the form of a key. */
export function readApiKey(text: string): { readonly id: string; readonly secret: string } | null {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

export function isSecretOf(secret: string, secretHash: string): boolean {
  const sent = Buffer.from(hashSecret(secret), 'hex');
  const stored = Buffer.from(secretHash, 'hex');
  return sent.length === stored.length && timingSafeEqual(sent, stored);
}

function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

function base62(bytes: Uint8Array, length: number): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  while (text.length < length) {
    text = DIGITS.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
