/**
 * Keys of the local chain: derived from one secret of the data folder, so that they are the same after every restart and, unlike
 * those of anvil's public mnemonic, secret. They are for a chain without value.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Hex } from 'viem';

declare const secretBrand: unique symbol;
/** 32 bytes in hex. */
export type LocalSecret = string & { readonly [secretBrand]: true };

/**
 * The secret in this file, which is created where it is missing; two processes that create it at once get the same one.
 * @throws Error when the file holds something else
 */
export function openSecret(file: string): LocalSecret {
  if (existsSync(file)) return readSecret(file);
  const drawn = `${file}.${process.pid}.new`;
  writeFileSync(drawn, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  try {
    linkSync(drawn, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(drawn, { force: true });
  }
  return readSecret(file);
}

/** The private key for this purpose. Pure. */
export function deriveKey(secret: LocalSecret, ...purpose: readonly (string | number)[]): Hex {
  return `0x${createHmac('sha256', secret).update(purpose.join('\u0000')).digest('hex')}`;
}

/** The first `count` signers of the local chain. Pure. */
export function signerKeys(secret: LocalSecret, count: number): readonly Hex[] {
  return Array.from({ length: count }, (_, index) => deriveKey(secret, 'signer', index));
}

function readSecret(file: string): LocalSecret {
  const text = readFileSync(file, 'utf8').trim();
  if (isSecret(text)) return text;
  throw new Error(`${file} does not hold a secret of a local chain: expected 64 hex digits`);
}

function isSecret(text: string): text is LocalSecret {
  return /^[0-9a-f]{64}$/.test(text);
}
