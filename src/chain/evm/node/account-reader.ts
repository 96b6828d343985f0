/** What accounts have, and what they allow. Where the chain has Multicall3, what is asked at once is one request of one block. */
import type { Address, Hash, PublicClient } from 'viem';
import { isNativeCoin } from '../../../../machines/native-coin.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import { MULTICALL3 } from '../../../abis/multicall3.ts';
import { request } from './node-failure.ts';

export interface Balances {
  /** Base units. Of the chain's own coin the same as `ether`. */
  readonly tokens: bigint;
  /** Wei. */
  readonly ether: bigint;
}

/** Of one account, for a swap. */
export interface Holdings extends Balances {
  /** Base units of the token that the spender may take. */
  readonly allowance: bigint;
}

export interface Spent {
  readonly token: Address;
  readonly spender: Address;
}

export interface AccountReader {
  /** Now, or as of a block. */
  allowance(token: Address, owner: Address, spender: Address, blockNumber?: bigint): Promise<bigint>;
  /**
   * What accounts have of a token (or of the coin, `NATIVE_COIN`) and of ether, in the order of the accounts. One answer for each head of
   * the chain: all orders that sell the token share it. The same accounts are asked for each time.
   */
  balances(token: Address, owners: readonly Address[]): Promise<readonly Balances[]>;
  /** @param spent null: only the ether counts, and the rest is 0 */
  holdings(owner: Address, spent: Spent | null): Promise<Holdings>;
}

type Client = Pick<PublicClient, 'getBalance' | 'multicall' | 'readContract'>;

/**
 * @param multicall3 null: each fact is a request
 * @returns throws EffectError `wait` where the node gives no answer
 */
export function accountReader(
  client: Client,
  head: () => Promise<{ readonly hash: Hash }>,
  multicall3: Address | null,
): AccountReader {
  const last = new Map<Address, { readonly hash: Hash; readonly balances: Promise<readonly Balances[]> }>();

  function readAll(facts: readonly Fact[]): Promise<readonly bigint[]> {
    if (multicall3 === null) return Promise.all(facts.map((fact) => readOne(client, fact)));
    return client.multicall({
      contracts: facts.map((fact) => callOf(fact, multicall3)),
      multicallAddress: multicall3,
      allowFailure: false,
      batchSize: 0,
    });
  }

  async function readBalances(token: Address, owners: readonly Address[]): Promise<readonly Balances[]> {
    const isCoin = isNativeCoin(token);
    const ethers = owners.map((owner): Fact => ({ what: 'ether', owner }));
    const tokens = isCoin ? [] : owners.map((owner): Fact => ({ what: 'tokens', token, owner }));
    const answers = await readAll([...ethers, ...tokens]);
    return owners.map((_, index) => {
      const ether = answers[index] ?? 0n;
      return { ether, tokens: isCoin ? ether : (answers[index + owners.length] ?? 0n) };
    });
  }

  return {
    allowance: (token, owner, spender, blockNumber) =>
      request(() =>
        client.readContract({
          ...allowanceCall(token, owner, spender),
          ...(blockNumber === undefined ? {} : { blockNumber }),
        }),
      ),

    async balances(token, owners) {
      const { hash } = await head();
      const known = last.get(token);
      if (known?.hash === hash) return known.balances;
      const asked = { hash, balances: request(() => readBalances(token, owners)) };
      last.set(token, asked);
      asked.balances.catch(() => {
        if (last.get(token) === asked) last.delete(token);
      });
      return asked.balances;
    },

    async holdings(owner, spent) {
      const facts: readonly Fact[] = [
        { what: 'ether', owner },
        ...(spent === null
          ? []
          : ([
              { what: 'tokens', token: spent.token, owner },
              { what: 'allowance', ...spent, owner },
            ] as const)),
      ];
      const [ether = 0n, tokens = 0n, allowance = 0n] = await request(() => readAll(facts));
      return { ether, tokens, allowance };
    },
  };
}

type Fact =
  | { readonly what: 'ether'; readonly owner: Address }
  | { readonly what: 'tokens'; readonly token: Address; readonly owner: Address }
  | {
      readonly what: 'allowance';
      readonly token: Address;
      readonly owner: Address;
      readonly spender: Address;
    };

function readOne(client: Client, fact: Fact): Promise<bigint> {
  switch (fact.what) {
    case 'ether':
      return client.getBalance({ address: fact.owner });
    case 'tokens':
      return client.readContract(balanceCall(fact.token, fact.owner));
    case 'allowance':
      return client.readContract(allowanceCall(fact.token, fact.owner, fact.spender));
  }
}

function callOf(fact: Fact, multicall3: Address) {
  switch (fact.what) {
    case 'ether':
      return etherCall(multicall3, fact.owner);
    case 'tokens':
      return balanceCall(fact.token, fact.owner);
    case 'allowance':
      return allowanceCall(fact.token, fact.owner, fact.spender);
  }
}

function balanceCall(address: Address, owner: Address) {
  return { address, abi: ERC20, functionName: 'balanceOf', args: [owner] } as const;
}

function allowanceCall(address: Address, owner: Address, spender: Address) {
  return { address, abi: ERC20, functionName: 'allowance', args: [owner, spender] } as const;
}

function etherCall(address: Address, owner: Address) {
  return { address, abi: MULTICALL3, functionName: 'getEthBalance', args: [owner] } as const;
}
