/** Funds signers on the local chain: ether for gas, and tokens to sell. */
import { BaseError, encodeFunctionData, parseEther, parseUnits, type Address, type Hex } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { sleep } from '../../../runtime/time.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import type { LocalDeployment } from './deploy.ts';
import { openLocalClient, type LocalClient } from '../local-client.ts';
import { SIGNER_ETHER, SIGNER_TOKENS } from './market.ts';

interface Funding {
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
}

const ROUND_MS = 100;
/** Blocks come every second or faster; other processes may fund at the same time. */
const ROUNDS = 300;

/**
 * Tops up signers that have less than half of their funds; resolves when all have enough. Repeating it sends nothing, but two
 * processes at once may both fund.
 */
export async function fundSigners(
  rpcUrl: string,
  deployment: LocalDeployment,
  addresses: readonly Address[],
): Promise<void> {
  const client = openLocalClient(rpcUrl);
  for (let round = 0; round < ROUNDS; round += 1) {
    const fundings = await missingFunds(client, deployment, addresses);
    if (fundings.length === 0) return;
    await sendFunds(client, deployment, fundings);
    await untilAllMined(client, deployment.deployer.address);
  }
  throw new Error(`${addresses.length} signers are not funded after ${ROUNDS} rounds`);
}

async function missingFunds(
  client: LocalClient,
  { chain }: LocalDeployment,
  addresses: readonly Address[],
): Promise<readonly Funding[]> {
  const perSigner = await Promise.all(
    addresses.map(async (signer) => {
      const ether = shortfall(await client.getBalance({ address: signer }), parseEther(SIGNER_ETHER));
      const gifts: Funding[] = ether === 0n ? [] : [{ to: signer, data: '0x', value: ether }];
      for (const { symbol, address, decimals } of chain.tokens) {
        const wanted = parseUnits(SIGNER_TOKENS[symbol] ?? '0', decimals);
        const amount = shortfall(
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

function shortfall(balance: bigint, wanted: bigint): bigint {
  return balance * 2n >= wanted ? 0n : wanted - balance;
}

async function sendFunds(
  client: LocalClient,
  { chain: { chainId }, deployer }: LocalDeployment,
  gifts: readonly Funding[],
): Promise<void> {
  const first = await client.getTransactionCount({ address: deployer.address });
  for (const [index, funding] of gifts.entries()) {
    const nonce = first + index;
    const fees = { gas: 100_000n, maxFeePerGas: 1_000_000_000_000n, maxPriorityFeePerGas: 1n } as const;
    const serializedTransaction = await deployer.signTransaction({
      chainId,
      nonce,
      type: 'eip1559',
      ...fees,
      ...funding,
    });
    try {
      await client.sendRawTransaction({ serializedTransaction });
    } catch (error) {
      // Another process funds with the same nonces: the next round sends what is still missing.
      if (error instanceof BaseError && /already|nonce|underpriced/i.test(error.details)) return;
      throw error;
    }
  }
}

async function untilAllMined(client: LocalClient, address: PrivateKeyAccount['address']): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [mined, known] = await Promise.all([
      client.getTransactionCount({ address, blockTag: 'latest' }),
      client.getTransactionCount({ address, blockTag: 'pending' }),
    ]);
    if (mined >= known) return;
    await sleep(ROUND_MS);
  }
  throw new Error(`transfers of ${address} are not mined after ${ROUNDS * ROUND_MS} ms`);
}
