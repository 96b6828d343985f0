import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodeFunctionData, maxUint256, type Address, type LocalAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import {
  deployLocalChain,
  localChainFiles,
  type LocalDeployment,
} from '../../../src/chain/local/deployment/deploy.ts';
import { fundSigners } from '../../../src/chain/local/deployment/fund-signers.ts';
import { grantAllowances } from '../../../src/chain/local/deployment/grant-allowances.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { openSecret, signerKeys } from '../../../src/chain/local/secret.ts';
import { eventually } from '../../support/eventually.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';

let anvil: LocalAnvil;
let client: LocalClient;
let deployment: LocalDeployment;
let signers: readonly LocalAccount[];

beforeAll(async () => {
  anvil = await new LocalAnvil().start();
  client = openLocalClient(anvil.rpcUrl);
  const log = { info: () => undefined, warn: () => undefined };
  deployment = await deployLocalChain({ rpcUrl: anvil.rpcUrl, chainDir: anvil.chainDir, log });
  const secret = openSecret(localChainFiles(anvil.chainDir).secret);
  signers = signerKeys(secret, 4).map((key) => privateKeyToAccount(key));
  await fundSigners(anvil.rpcUrl, deployment, addresses());
});
afterAll(() => anvil.remove());

const addresses = (): readonly Address[] => signers.map(({ address }) => address);

const grant = (): Promise<void> => grantAllowances(anvil.rpcUrl, deployment.chain, addresses());

function allowancesOf(owner: Address): Promise<readonly bigint[]> {
  const { tokens, exchanges } = deployment.chain;
  return Promise.all(
    exchanges.flatMap(({ router }) =>
      tokens.map(({ address }) =>
        client.readContract({ address, abi: ERC20, functionName: 'allowance', args: [owner, router] }),
      ),
    ),
  );
}

function first(): { readonly signer: LocalAccount; readonly router: Address } {
  const [[signer], [exchange]] = [signers, deployment.chain.exchanges];
  if (signer === undefined || exchange === undefined) throw new Error('the market is empty');
  return { signer, router: exchange.router };
}

/** By a transaction of the signer; resolves when it is mined. */
async function approve(
  signer: LocalAccount,
  token: Address,
  spender: Address,
  amount: bigint,
): Promise<void> {
  const nonce = await client.getTransactionCount(signer);
  await client.sendRawTransaction({
    serializedTransaction: await signer.signTransaction({
      chainId: deployment.chain.chainId,
      type: 'eip1559',
      nonce,
      to: token,
      data: encodeFunctionData({ abi: ERC20, functionName: 'approve', args: [spender, amount] }),
      gas: 200_000n,
      maxFeePerGas: 100_000_000_000n,
      maxPriorityFeePerGas: 1n,
    }),
  });
  await eventually(
    () => client.getTransactionCount(signer),
    (count) => count > nonce,
  );
}

test('every router may take every token of every signer, and no signer has used a nonce', async () => {
  await grant();
  for (const { address } of signers) {
    expect(await allowancesOf(address)).toEqual(Array<bigint>(12).fill(maxUint256));
    expect(await client.getTransactionCount({ address })).toBe(0);
  }
});

test('a smaller allowance, as an older release may have left it, becomes unlimited', async () => {
  const { signer, router } = first();
  for (const { address } of deployment.chain.tokens) await approve(signer, address, router, 5n);
  expect(await allowancesOf(signer.address)).toContain(5n);
  await Promise.all([grant(), grant()]);
  for (const amount of await allowancesOf(signer.address)) expect(amount).toBe(maxUint256);
});

test('an allowance that swaps have used a little of is left as it is', async () => {
  const { signer, router } = first();
  const [token] = deployment.chain.tokens;
  await approve(signer, token?.address ?? '0x', router, maxUint256 - 7n);
  await grant();
  expect(await allowancesOf(signer.address)).toContain(maxUint256 - 7n);
});
