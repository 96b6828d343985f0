/**
 * Deploys the local market on the chain of a data folder: once, whatever dies meanwhile. There is no record of progress: the
 * plan is the same each time, and the deployer's nonce on the chain says how many of its steps are done.
 */
import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  BaseError,
  keccak256,
  numberToHex,
  parseEther,
  TransactionReceiptNotFoundError,
  type Address,
  type Hash,
  type Hex,
} from 'viem';
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import { sleep } from '../../../runtime/time.ts';
import { readGenesisHash } from '../../genesis.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import { openLocalClient, type LocalClient } from '../local-client.ts';
import { readLocalChain, writeLocalChain, type LocalChain, type LocalToken } from '../local-chain.ts';
import { DEPLOYER_ETHER } from './market.ts';
import { planFor, planId } from './plan.ts';
import type { DeploymentStep } from './plan-builder.ts';
import { deriveKey, openSecret } from '../secret.ts';

export interface LocalDeployment {
  readonly chain: LocalChain;
  /** Holds the rest of each token's supply. */
  readonly deployer: PrivateKeyAccount;
}

export interface DeployOptions {
  readonly rpcUrl: string;
  /** The folder of the secret and the manifest; exists. */
  readonly chainDir: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** Fixed, so that a repeated step has the same hash. Far more than the local chain requires. */
const FIXED_FEES = { gas: 8_000_000n, maxFeePerGas: 1_000_000_000_000n, maxPriorityFeePerGas: 1n } as const;
const POLL_MS = 50;
/** Without a mined step; blocks come every second or faster. */
const STALLED_AFTER_MS = 30_000;
/** Where OpenZeppelin's ERC20 (3.4) keeps its decimals, which its constructor sets to 18. */
const DECIMALS_SLOT = 5n;

export function localChainFiles(chainDir: string) {
  return { secret: join(chainDir, 'secret'), manifest: join(chainDir, 'local-chain.json') };
}

/** @throws OperatorError when the contracts' packages are not installed; Error when a step fails */
export async function deployLocalChain({ rpcUrl, chainDir, log }: DeployOptions): Promise<LocalDeployment> {
  const files = localChainFiles(chainDir);
  const deployer = privateKeyToAccount(deriveKey(openSecret(files.secret), 'deployer', planId()));
  const client = openLocalClient(rpcUrl);
  const { steps, deployed } = planFor(deployer.address);
  const [chainId, genesisHash] = await Promise.all([client.getChainId(), readGenesisHash(client)]);
  const previous = readLocalChain(files.manifest);
  if (previous !== null && previous.genesisHash !== genesisHash) {
    log.warn({ noted: previous.genesisHash, found: genesisHash }, 'the chain is another one; deploying anew');
  }

  const sent = await runSteps(client, deployer, chainId, steps);
  if (sent > 0) log.info({ transactions: sent }, 'the local market is deployed');
  for (const token of deployed.tokens) await setDecimals(client, token);
  const chain = { chainId, genesisHash, ...deployed };
  writeLocalChain(files.manifest, chain);
  return { chain, deployer };
}

/** @returns how many were not on the chain yet */
async function runSteps(
  client: LocalClient,
  deployer: PrivateKeyAccount,
  chainId: number,
  steps: readonly DeploymentStep[],
): Promise<number> {
  const { address } = deployer;
  const signed = await Promise.all(
    steps.map(({ to, data, value }, nonce) =>
      deployer.signTransaction({ chainId, nonce, to, data, value, type: 'eip1559', ...FIXED_FEES }),
    ),
  );
  const done = await client.getTransactionCount({ address });
  if (done < steps.length) {
    await client.setBalance({ address, value: parseEther(DEPLOYER_ETHER) });
    for (const transaction of signed.slice(done)) await send(client, transaction);
    await untilMined(client, address, steps.length);
  }
  const succeeded = await Promise.all(
    signed.map((transaction) => hasSucceeded(client, keccak256(transaction))),
  );
  const failed = succeeded.indexOf(false);
  if (failed >= 0) throw new Error(`step ${failed} of the deployment reverted: ${steps[failed]?.what ?? ''}`);
  return Math.max(0, steps.length - done);
}

/** Null: the chain began from a dump without the receipt. The nonce says that the step was taken. */
async function hasSucceeded(client: LocalClient, hash: Hash): Promise<boolean | null> {
  try {
    return (await client.getTransactionReceipt({ hash })).status === 'success';
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return null;
    throw error;
  }
}

/** A step that the chain has already counts as sent; its receipt decides the rest. */
async function send(client: LocalClient, serializedTransaction: Hex): Promise<void> {
  try {
    await client.sendRawTransaction({ serializedTransaction });
  } catch (error) {
    const isThere = error instanceof BaseError && /already|nonce too low/i.test(error.details);
    if (!isThere) throw error;
  }
}

async function untilMined(client: LocalClient, address: Address, count: number): Promise<void> {
  let mined = 0;
  for (let stalledMs = 0; stalledMs < STALLED_AFTER_MS; stalledMs += POLL_MS) {
    const now = await client.getTransactionCount({ address });
    if (now >= count) return;
    if (now > mined) stalledMs = 0;
    mined = now;
    await sleep(POLL_MS);
  }
  throw new Error(
    `the chain has mined ${mined} of ${count} transactions and no more for ${STALLED_AFTER_MS} ms`,
  );
}

/** The published ERC-20 has 18 decimals, so anvil overwrites them. They are for display: no contract here reads them. */
async function setDecimals(client: LocalClient, { symbol, address, decimals }: LocalToken): Promise<void> {
  const read = () => client.readContract({ address, abi: ERC20, functionName: 'decimals' });
  if ((await read()) === decimals) return;
  const word = (value: number | bigint) => numberToHex(value, { size: 32 });
  await client.setStorageAt({ address, index: word(DECIMALS_SLOT), value: word(decimals) });
  const found = await read();
  if (found !== decimals)
    throw new Error(`${symbol} has ${found} decimals after they were set to ${decimals}`);
}
