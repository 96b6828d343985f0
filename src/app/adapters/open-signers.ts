/** Opens the signers for the chain behind RPC_URL: keys of the settings, and accounts of a remote signer. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import { readKeys } from '../../chain/evm/signing/keys.ts';
import { openRemoteSigners } from '../../chain/evm/signing/remote-signers.ts';
import { privateKeySigner, type TransactionSigner } from '../../chain/evm/signing/transaction-signer.ts';
import type { Config } from '../../settings/config.ts';
import { OperatorError } from '../../operator-error.ts';

/** Each address once: a key of the settings has precedence over the remote signer. @throws OperatorError */
export async function openSigners(config: Config): Promise<readonly TransactionSigner[]> {
  const keys = await readKeys({
    keys: config.SIGNER_KEYS,
    keysFile: config.SIGNER_KEYS_FILE,
    keystoreFile: config.SIGNER_KEYSTORE_FILE,
    keystorePasswordFile: config.SIGNER_KEYSTORE_PASSWORD_FILE,
  });
  const signers = new Map(
    [...(await remoteSigners(config)), ...keys.map(privateKeySigner)].map((signer) => [
      signer.address,
      signer,
    ]),
  );
  if (signers.size > 0) return [...signers.values()];
  throw new OperatorError(
    'RPC_URL is set, but there is no signer for its chain: ' +
      'set SIGNER_KEYS, SIGNER_KEYS_FILE, SIGNER_KEYSTORE_FILE or REMOTE_SIGNER_URL',
  );
}

async function remoteSigners({
  REMOTE_SIGNER_URL: url,
  REMOTE_SIGNER_ADDRESSES: addresses,
  REMOTE_SIGNER_TIMEOUT_MS: timeoutMs,
}: Config): Promise<readonly TransactionSigner[]> {
  if (url === undefined) return [];
  const held = await open(url, timeoutMs);
  if (addresses.length === 0) return held;
  return addresses.map((address) => {
    const signer = held.find((each) => each.address.toLowerCase() === address.toLowerCase());
    if (signer !== undefined) return signer;
    throw new OperatorError(
      `REMOTE_SIGNER_ADDRESSES names ${address}, which the remote signer does not hold`,
    );
  });
}

async function open(url: string, timeoutMs: number): Promise<readonly TransactionSigner[]> {
  try {
    return await openRemoteSigners({ url, timeoutMs });
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    throw new OperatorError(`REMOTE_SIGNER_URL: ${error.message}`, { cause: error });
  }
}
