/** Tokens that behave as some do on public chains, with pools on the exchanges of a local market. */
import {
  encodeDeployData,
  encodeFunctionData,
  parseEther,
  walletActions,
  type Address,
  type Hex,
} from 'viem';
import { ERC20 } from '../../src/abis/erc20.ts';
import { V2_ROUTER, V3_POSITION_MANAGER } from '../../src/abis/uniswap-deployment.ts';
import { WETH9 } from '../../src/abis/weth9.ts';
import { sortedByAddress, sqrtPriceX96, tickRange } from '../../src/chain/local/deployment/v3-price.ts';
import type { LocalChain, LocalToken } from '../../src/chain/local/local-chain.ts';
import type { LocalClient } from '../../src/chain/local/local-client.ts';
import { OddToken } from './contracts/compiled.ts';

/** An account of the node, which signs for it: it only deploys. */
const DEPLOYER: Address = '0x00000000000000000000000000000000000d0d0d';
const NO_DEADLINE = 2n ** 64n;
/** Of each pool: 3,000 tokens for an ether. */
const POOL_ETHER = 1_000n;
const POOL_TOKENS = 3_000_000n;
const HOLDER_TOKENS = 100_000n;

/** As `OddToken.sol` numbers them. */
export const APPROVE_MODES = {
  plain: 0,
  zeroFirst: 1,
  returnsFalse: 2,
  heavy: 3,
  paused: 4,
  ignored: 5,
  capped: 6,
} as const;

export interface Behaviour {
  readonly approve?: keyof typeof APPROVE_MODES;
  /** Functions return nothing. */
  readonly silent?: boolean;
  /** In 1/10,000 of each transfer. */
  readonly feeBps?: number;
  /** Events say the amount before the fee. */
  readonly grossEvents?: boolean;
}

/** Sends transactions of the deployer on a chain that mines when it is told to. */
export class ContractDeployer {
  readonly #client: LocalClient;
  readonly #address: Address;

  constructor(client: LocalClient, address = DEPLOYER) {
    this.#client = client;
    this.#address = address;
  }

  /** @param creationCode with the arguments of the constructor */
  async deploy(creationCode: Hex): Promise<Address> {
    const { contractAddress } = await this.#send(null, creationCode);
    if (contractAddress == null) throw new Error('the contract has no address');
    return contractAddress;
  }

  async call(to: Address, data: Hex, value = 0n): Promise<void> {
    await this.#send(to, data, value);
  }

  async #send(to: Address | null, data: Hex, value = 0n) {
    const client = this.#client.extend(walletActions);
    await client.setBalance({ address: this.#address, value: parseEther('1000000') });
    await client.impersonateAccount({ address: this.#address });
    const call = { account: this.#address, chain: null, to, data, value, gas: 8_000_000n };
    const hash = await client.sendTransaction(call);
    await client.mine({ blocks: 1 });
    const receipt = await client.getTransactionReceipt({ hash });
    if (receipt.status !== 'success') throw new Error(`a call of ${to ?? 'a constructor'} reverted`);
    return receipt;
  }
}

export interface OddTokenOptions {
  readonly symbol?: string;
  readonly decimals?: number;
  /** Gets some of it. */
  readonly holder: Address;
}

/** A token with pools on alpha-v2 and gamma-v3 against WETH. It behaves as others do until `behave` says otherwise. */
export class OddTokenOnMarket {
  readonly token: LocalToken;
  readonly #deployer: ContractDeployer;

  private constructor(token: LocalToken, deployer: ContractDeployer) {
    this.token = token;
    this.#deployer = deployer;
  }

  static async open(
    client: LocalClient,
    chain: LocalChain,
    { symbol = 'ODD', decimals = 18, holder }: OddTokenOptions,
  ): Promise<OddTokenOnMarket> {
    const deployer = new ContractDeployer(client);
    const unit = 10n ** BigInt(decimals);
    const { abi, bytecode } = OddToken;
    const args = [symbol, decimals, 10n ** 12n * unit] as const;
    const address = await deployer.deploy(encodeDeployData({ abi, bytecode, args }));
    const odd = new OddTokenOnMarket({ symbol, address, decimals }, deployer);
    await odd.#addPools(chain, POOL_TOKENS * unit);
    await odd.give(holder, HOLDER_TOKENS * unit);
    return odd;
  }

  behave({ approve = 'plain', silent = false, feeBps = 0, grossEvents = false }: Behaviour): Promise<void> {
    const args = [APPROVE_MODES[approve], silent, BigInt(feeBps), grossEvents] as const;
    return this.#deployer.call(
      this.token.address,
      encodeFunctionData({ abi: OddToken.abi, functionName: 'set', args }),
    );
  }

  give(to: Address, amount: bigint): Promise<void> {
    const data = encodeFunctionData({ abi: ERC20, functionName: 'transfer', args: [to, amount] });
    return this.#deployer.call(this.token.address, data);
  }

  async #addPools({ tokens, exchanges }: LocalChain, tokenAmount: bigint): Promise<void> {
    const [weth] = tokens;
    if (weth === undefined) throw new Error('the market has no token');
    const ether = POOL_ETHER * 10n ** 18n;
    await this.#deployer.call(weth.address, encodeFunctionData({ abi: WETH9 }), 2n * ether);
    for (const exchange of exchanges) {
      if (exchange.name === 'beta-v2') continue;
      const spender = exchange.kind === 'uniswap-v2' ? exchange.router : exchange.positionManager;
      for (const token of [weth.address, this.token.address]) {
        const args = [spender, 2n ** 255n] as const;
        await this.#deployer.call(token, encodeFunctionData({ abi: ERC20, functionName: 'approve', args }));
      }
      for (const data of this.#poolCalls(exchange.kind, weth.address, ether, tokenAmount)) {
        await this.#deployer.call(spender, data);
      }
    }
  }

  #poolCalls(kind: string, weth: Address, ether: bigint, tokenAmount: bigint): readonly Hex[] {
    const { address } = this.token;
    if (kind === 'uniswap-v2') {
      const args = [weth, address, ether, tokenAmount, 0n, 0n, DEPLOYER, NO_DEADLINE] as const;
      return [encodeFunctionData({ abi: V2_ROUTER, functionName: 'addLiquidity', args })];
    }
    const [zero, one] = sortedByAddress({ address: weth, amount: ether }, { address, amount: tokenAmount });
    const price = sqrtPriceX96(zero.amount, one.amount);
    const position = {
      token0: zero.address,
      token1: one.address,
      fee: 3_000,
      ...tickRange(price, 60, null),
      amount0Desired: zero.amount,
      amount1Desired: one.amount,
      amount0Min: 0n,
      amount1Min: 0n,
      recipient: DEPLOYER,
      deadline: NO_DEADLINE,
    };
    return [
      encodeFunctionData({
        abi: V3_POSITION_MANAGER,
        functionName: 'createAndInitializePoolIfNecessary',
        args: [zero.address, one.address, 3_000, price],
      }),
      encodeFunctionData({ abi: V3_POSITION_MANAGER, functionName: 'mint', args: [position] }),
    ];
  }
}
