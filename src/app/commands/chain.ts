/**
 * `chain`: serves a private chain and its market to processes that share no data folder with it, as containers do. They name it by
 * RPC_URL, CHAIN_FILE and SIGNER_KEYS_FILE, as any other chain.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateKeyToAddress } from 'viem/accounts';
import { deployLocalChain, localChainFiles } from '../../chain/local/deployment/deploy.ts';
import { fundSigners } from '../../chain/local/deployment/fund-signers.ts';
import { openSecret, signerKeys } from '../../chain/local/secret.ts';
import { openEmbeddedAnvil } from '../../embedded/anvil/embedded-anvil.ts';
import { forwardPort } from '../../embedded/forward-port.ts';
import { checkPortIsFree } from '../../http/listen.ts';
import type { Config } from '../../settings/config.ts';
import { openDataDir } from '../../settings/data-dir.ts';
import { openLog } from '../../telemetry/log.ts';

export interface ServedChain {
  readonly port: number;
  /** For CHAIN_FILE. */
  readonly chainFile: string;
  /** For SIGNER_KEYS_FILE. */
  readonly keysFile: string;
  close(): Promise<void>;
}

/** Serves the chain until it is interrupted. @throws OperatorError */
export async function runChain(
  config: Config,
  print: (line: string) => void,
  interrupted: Promise<string>,
): Promise<void> {
  const served = await serveChain(config);
  print(`A private chain listens on port ${served.port}`);
  print(`  CHAIN_FILE        ${served.chainFile}`);
  print(`  SIGNER_KEYS_FILE  ${served.keysFile}`);
  await interrupted;
  await served.close();
}

/**
 * Resolves once the market is deployed and its signers are funded; only then it listens, at HOST and PORT.
 * The files lie in two folders of DATA_DIR, so that a container can be given the one without the other.
 * @throws OperatorError
 */
export async function serveChain(config: Config): Promise<ServedChain> {
  await checkPortIsFree(config.HOST, config.PORT);
  const log = openLog(config.LOG_LEVEL);
  const dataDir = openDataDir(config.DATA_DIR);
  const anvil = await openEmbeddedAnvil({ dataDir, blockTimeMs: config.LOCAL_BLOCK_MS, log });
  try {
    const { rpcUrl, chainDir } = anvil;
    const deployment = await deployLocalChain({ rpcUrl, chainDir, log });
    const keys = signerKeys(openSecret(localChainFiles(chainDir).secret), config.LOCAL_SIGNERS);
    await fundSigners(rpcUrl, deployment, keys.map(privateKeyToAddress));
    const chainFile = write(
      join(dataDir, 'market'),
      'chain-file.json',
      JSON.stringify(deployment.chain, null, 2),
    );
    const keysFile = write(join(dataDir, 'keys'), 'signer-keys', keys.join('\n'));
    const { host, port } = { host: config.HOST, port: config.PORT };
    const forward = await forwardPort({ host, port }, () => Number(new URL(rpcUrl).port));
    return {
      port: forward.port,
      chainFile,
      keysFile,
      close: async () => {
        await forward.close();
        await anvil.close();
      },
    };
  } catch (thrown) {
    await anvil.close();
    throw thrown;
  }
}

function write(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}
