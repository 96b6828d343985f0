/** Reads private keys. They go into signers and nowhere else: not into logs, errors, stores or answers. */
import { statSync } from 'node:fs';
import { Keystore } from 'ox';
import type { Hex } from 'viem';
import { OperatorError } from '../../../operator-error.ts';
import { InvalidText, readTextFile } from '../../../runtime/text-file.ts';

export interface KeySettings {
  /** Private keys in hex, comma-separated. */
  readonly keys?: string | undefined;
  /** One private key in hex a line. */
  readonly keysFile?: string | undefined;
  /** A keystore JSON, version 3. https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/ */
  readonly keystoreFile?: string | undefined;
  readonly keystorePasswordFile?: string | undefined;
}

const OTHERS = 0o007;

/** All that the settings name, each once. @throws OperatorError that names the wrong setting, never its value */
export async function readKeys(settings: KeySettings): Promise<readonly Hex[]> {
  const { keys, keysFile, keystoreFile, keystorePasswordFile } = settings;
  const found = new Set<Hex>();
  for (const [index, text] of (keys ?? '').split(',').filter(isText).entries()) {
    found.add(readKey(text, `SIGNER_KEYS: key ${index + 1}`));
  }
  if (keysFile !== undefined) {
    for (const [index, line] of read(keysFile, 'SIGNER_KEYS_FILE').split('\n').filter(isText).entries()) {
      found.add(readKey(line, `SIGNER_KEYS_FILE: key ${index + 1}`));
    }
  }
  if (keystoreFile !== undefined) found.add(await openKeystore(keystoreFile, keystorePasswordFile));
  return [...found];
}

function isText(text: string): boolean {
  return text.trim() !== '';
}

function readKey(text: string, which: string): Hex {
  const digits = text.trim().replace(/^0x/i, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return `0x${digits}`;
  throw new OperatorError(`${which} is not a private key: expected 64 hex digits`);
}

async function openKeystore(file: string, passwordFile: string | undefined): Promise<Hex> {
  if (passwordFile === undefined) {
    throw new OperatorError('SIGNER_KEYSTORE_FILE needs SIGNER_KEYSTORE_PASSWORD_FILE: expected both');
  }
  // The line break at the end of the file is not part of the password.
  const password = read(passwordFile, 'SIGNER_KEYSTORE_PASSWORD_FILE').replace(/\r?\n$/, '');
  const text = read(file, 'SIGNER_KEYSTORE_FILE');
  try {
    const keystore = JSON.parse(text) as Keystore.Keystore;
    return readKey(
      Keystore.decrypt(keystore, await Keystore.toKeyAsync(keystore, { password })),
      'the keystore',
    );
  } catch {
    // Without the cause: what was thrown may quote the file.
    throw new OperatorError(
      'SIGNER_KEYSTORE_FILE cannot be opened: expected a keystore JSON of version 3, and its password in SIGNER_KEYSTORE_PASSWORD_FILE',
    );
  }
}

/** @throws OperatorError, also for a file that accounts beside its owner and group may use */
function read(file: string, setting: string): string {
  try {
    const { mode } = statSync(file);
    // Windows has no such bits, and tells 0666 of every file.
    if ((mode & OTHERS) !== 0 && process.platform !== 'win32') {
      const found = (mode & 0o777).toString(8).padStart(4, '0');
      throw new OperatorError(
        `${setting} is "${file}", which every account of the machine may use (mode ${found}): expected 0600, or 0640 for a group`,
      );
    }
    return readTextFile(file);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    if (error instanceof InvalidText) throw new OperatorError(`${setting} is "${file}": ${error.message}`);
    const hasCode = typeof error === 'object' && error !== null && 'code' in error;
    const why = hasCode ? String(error.code) : 'it cannot be read';
    throw new OperatorError(`${setting} is "${file}": ${why}`);
  }
}
