import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseEther, parseUnits, type Address } from 'viem';
import { privateKeyToAccount, privateKeyToAddress } from 'viem/accounts';
import {
  deployLocalChain,
  localChainFiles,
  type LocalDeployment,
} from '../../../src/chain/local/deployment/deploy.ts';
import { fundSigners } from '../../../src/chain/local/deployment/fund-signers.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { openSecret, signerKeys } from '../../../src/chain/local/secret.ts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';

const WANTED = { WETH: ['2000', 18], USDC: ['6000000', 6], DAI: ['6000000', 18], WBTC: ['60', 8] } as const;

let anvil: LocalAnvil;
let client: LocalClient;
let deployment: LocalDeployment;
let signers: readonly Address[];

beforeAll(async () => {
  anvil = await new LocalAnvil().start();
  client = openLocalClient(anvil.rpcUrl);
  const log = { info: () => undefined, warn: () => undefined };
  deployment = await deployLocalChain({ rpcUrl: anvil.rpcUrl, chainDir: anvil.chainDir, log });
  signers = signerKeys(secret(), 3).map((key) => privateKeyToAddress(key));
});
afterAll(() => anvil.remove());

const secret = () => openSecret(localChainFiles(anvil.chainDir).secret);

async function balancesOf(signer: Address): Promise<readonly bigint[]> {
  return Promise.all([
    client.getBalance({ address: signer }),
    ...deployment.chain.tokens.map(({ address }) =>
      client.readContract({ address, abi: ERC20, functionName: 'balanceOf', args: [signer] }),
    ),
  ]);
}

const FULL = [
  parseEther('1000'),
  ...Object.values(WANTED).map(([whole, decimals]) => parseUnits(whole, decimals)),
];

test('signers get ether and each token, and a repeated call gives nothing more', async () => {
  await fundSigners(anvil.rpcUrl, deployment, signers);
  for (const signer of signers) expect(await balancesOf(signer)).toEqual(FULL);
  const nonce = await client.getTransactionCount(deployment.deployer);
  await fundSigners(anvil.rpcUrl, deployment, signers);
  expect(await client.getTransactionCount(deployment.deployer)).toBe(nonce);
});

test('two processes that fund at once leave no signer without ether or tokens', async () => {
  const others = signerKeys(secret(), 8)
    .slice(3)
    .map((key) => privateKeyToAddress(key));
  await Promise.all([
    fundSigners(anvil.rpcUrl, deployment, others),
    fundSigners(anvil.rpcUrl, deployment, others.toReversed()),
  ]);
  for (const signer of others) {
    for (const [index, balance] of (await balancesOf(signer)).entries()) {
      expect(balance).toBeGreaterThanOrEqual(FULL[index] ?? 0n);
    }
  }
});

test('the keys of the signers follow from the secret, differ from each other, and can sign', async () => {
  expect(signerKeys(secret(), 3)).toEqual(signerKeys(secret(), 5).slice(0, 3));
  expect(new Set(signerKeys(secret(), 100)).size).toBe(100);
  const [key = '0x'] = signerKeys(secret(), 1);
  expect(await privateKeyToAccount(key).signMessage({ message: 'hello' })).toMatch(/^0x[0-9a-f]{130}$/);
});
