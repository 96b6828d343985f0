import type { Address, Hash, PublicClient } from 'viem';
import { NATIVE_COIN } from '../../../../machines/native-coin.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import { MULTICALL3 } from '../../../abis/multicall3.ts';

export interface Balances {
  /** Base units. Of the chain's own coin the same as `ether`. */
  readonly tokens: bigint;
  /** Wei. */
  readonly ether: bigint;
}

export type BalancesReader = (token: Address, owners: readonly Address[]) => Promise<readonly Balances[]>;

/**
 * What accounts have of a token (or of the coin, `NATIVE_COIN`) and of ether, in the order of the accounts. One answer for each head of the chain: all orders that sell
 * the token share it. The same accounts are asked for each time.
 * @param multicall3 makes one request of it; null: two requests an account
 * @throws what viem throws
 */
export function balancesReader(
  client: Pick<PublicClient, 'getBalance' | 'multicall' | 'readContract'>,
  head: () => Promise<{ readonly hash: Hash }>,
  multicall3: Address | null,
): BalancesReader {
  const last = new Map<Address, { readonly hash: Hash; readonly balances: Promise<readonly Balances[]> }>();

  async function read(token: Address, owners: readonly Address[]): Promise<readonly Balances[]> {
    const isCoin = token.toLowerCase() === NATIVE_COIN.toLowerCase();
    if (multicall3 === null) {
      return Promise.all(
        owners.map(async (address) => {
          const ether = await client.getBalance({ address });
          return { tokens: isCoin ? ether : await client.readContract(balanceCall(token, address)), ether };
        }),
      );
    }
    const tokens = owners.map((owner) => (isCoin ? etherCall(multicall3, owner) : balanceCall(token, owner)));
    const ethers = owners.map((owner) => etherCall(multicall3, owner));
    const answers = await client.multicall({
      contracts: [...tokens, ...ethers],
      multicallAddress: multicall3,
      allowFailure: false,
      batchSize: 0,
    });
    return owners.map((_, index) => ({
      tokens: answers[index] ?? 0n,
      ether: answers[index + owners.length] ?? 0n,
    }));
  }

  return async (token, owners) => {
    const { hash } = await head();
    const known = last.get(token);
    if (known?.hash === hash) return known.balances;
    const asked = { hash, balances: read(token, owners) };
    last.set(token, asked);
    asked.balances.catch(() => {
      if (last.get(token) === asked) last.delete(token);
    });
    return asked.balances;
  };
}

function balanceCall(address: Address, owner: Address) {
  return { address, abi: ERC20, functionName: 'balanceOf', args: [owner] } as const;
}

function etherCall(address: Address, owner: Address) {
  return { address, abi: MULTICALL3, functionName: 'getEthBalance', args: [owner] } as const;
}
