/** Gives signers what they need on the local chain: ether for gas, and tokens to sell. */
import { BaseError, encodeFunctionData, parseEther, parseUnits, type Address, type Hex } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { sleep } from '../../../runtime/time.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import type { LocalDeployment } from './deploy.ts';
import { openLocalClient, type LocalClient } from '../local-client.ts';
import { SIGNER_ETHER, SIGNER_TOKENS } from './market.ts';

interface Gift {
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
}

const ROUND_MS = 100;
/** A block comes each second or so; other processes may give at the same time. */
const ROUNDS = 300;

/**
 * Tops up whoever has less than half of what a signer gets; resolves when all have it. Repeating it gives nothing
 * twice, but two processes at once may.
 */
export async function fundSigners(
  rpcUrl: string,
  deployment: LocalDeployment,
  addresses: readonly Address[],
): Promise<void> {
  const client = openLocalClient(rpcUrl);
  for (let round = 0; round < ROUNDS; round += 1) {
    const gifts = await missing(client, deployment, addresses);
    if (gifts.length === 0) return;
    await give(client, deployment, gifts);
    await untilNothingWaits(client, deployment.deployer.address);
  }
  throw new Error(`${addresses.length} signers are not funded after ${ROUNDS} rounds`);
}

async function missing(
  client: LocalClient,
  { chain }: LocalDeployment,
  addresses: readonly Address[],
): Promise<readonly Gift[]> {
  const perSigner = await Promise.all(
    addresses.map(async (signer) => {
      const ether = lacking(await client.getBalance({ address: signer }), parseEther(SIGNER_ETHER));
      const gifts: Gift[] = ether === 0n ? [] : [{ to: signer, data: '0x', value: ether }];
      for (const { symbol, address, decimals } of chain.tokens) {
        const wanted = parseUnits(SIGNER_TOKENS[symbol] ?? '0', decimals);
        const amount = lacking(
          await client.readContract({ address, abi: ERC20, functionName: 'balanceOf', args: [signer] }),
          wanted,
        );
        const args = [signer, amount] as const;
        const data = encodeFunctionData({ abi: ERC20, functionName: 'transfer', args });
        if (amount > 0n) gifts.push({ to: address, data, value: 0n });
      }
      return gifts;
    }),
  );
  return perSigner.flat();
}

function lacking(balance: bigint, wanted: bigint): bigint {
  return balance * 2n >= wanted ? 0n : wanted - balance;
}

async function give(
  client: LocalClient,
  { chain: { chainId }, deployer }: LocalDeployment,
  gifts: readonly Gift[],
): Promise<void> {
  const first = await client.getTransactionCount({ address: deployer.address });
  for (const [index, gift] of gifts.entries()) {
    const nonce = first + index;
    const fees = { gas: 100_000n, maxFeePerGas: 1_000_000_000_000n, maxPriorityFeePerGas: 1n } as const;
    const serializedTransaction = await deployer.signTransaction({
      chainId,
      nonce,
      type: 'eip1559',
      ...fees,
      ...gift,
    });
    try {
      await client.sendRawTransaction({ serializedTransaction });
    } catch (error) {
      // Another process gives with the same nonces: what is still missing shows in the next round.
      if (error instanceof BaseError && /already|nonce|underpriced/i.test(error.details)) return;
      throw error;
    }
  }
}

async function untilNothingWaits(client: LocalClient, address: PrivateKeyAccount['address']): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [mined, known] = await Promise.all([
      client.getTransactionCount({ address, blockTag: 'latest' }),
      client.getTransactionCount({ address, blockTag: 'pending' }),
    ]);
    if (mined >= known) return;
    await sleep(ROUND_MS);
  }
  throw new Error(`gifts of ${address} are not mined after ${ROUNDS * ROUND_MS} ms`);
}
