/** A chain that the stack reaches through RPC_URL, like any chain: an anvil with the local market and funded signers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { deployLocalChain, localChainFiles } from '../../src/chain/local/deployment/deploy.ts';
import { fundSigners } from '../../src/chain/local/deployment/fund-signers.ts';
import { openSecret, signerKeys } from '../../src/chain/local/secret.ts';
import { startAnvil, stopAnvil } from '../../src/embedded/anvil/anvil-child.ts';
import { choosePort } from '../../src/embedded/anvil/chain-port.ts';
import { countingProxy, type CountingProxy } from './counting-proxy.ts';

export interface OwnChain {
  readonly proxy: CountingProxy;
  /** The settings of a stack that uses it. */
  readonly settings: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

export async function startOwnChain(signers: number, blockTimeMs: number): Promise<OwnChain> {
  const dir = mkdtempSync(join(tmpdir(), 'fillstream-bench-chain-'));
  const chainDir = join(dir, 'chain');
  mkdirSync(chainDir);
  const stateFile = join(chainDir, 'state.json');
  const port = await choosePort(join(chainDir, 'port'));
  let anvil: number | null = null;
  const onSpawn = (pid: number): void => void (anvil = pid);
  await startAnvil({ port, blockTimeMs, stateFile, logFile: join(dir, 'anvil.log'), onSpawn });
  const rpcUrl = `http://127.0.0.1:${port}`;
  const log = { info: () => undefined, warn: () => undefined };
  const deployment = await deployLocalChain({ rpcUrl, chainDir, log });
  const keys = signerKeys(openSecret(localChainFiles(chainDir).secret), signers);
  const addresses = keys.map((key) => privateKeyToAccount(key).address);
  await fundSigners(rpcUrl, deployment, addresses);
  const keysFile = join(dir, 'keys');
  writeFileSync(keysFile, keys.join('\n'), { mode: 0o600 });
  const proxy = await countingProxy(rpcUrl);
  return {
    proxy,
    settings: {
      RPC_URL: proxy.url,
      CHAIN_FILE: localChainFiles(chainDir).manifest,
      SIGNER_KEYS_FILE: keysFile,
    },
    async end() {
      await proxy.close();
      if (anvil !== null) await stopAnvil(anvil, stateFile);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
