/** The local market on a real anvil that mines only when a test says so, with venues over it and a signer who has funds. */
import {
  encodeAbiParameters,
  encodeFunctionData,
  keccak256,
  maxUint256,
  numberToHex,
  type Address,
  type Hash,
  type Hex,
  type TransactionReceipt,
} from 'viem';
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import type { UnsignedSwap } from '../../../machines/order/types.ts';
import { deployLocalChain, localChainFiles } from '../../../src/chain/local/deployment/deploy.ts';
import { fundSigners } from '../../../src/chain/local/deployment/fund-signers.ts';
import type { LocalChain, LocalToken } from '../../../src/chain/local/local-chain.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { openSecret, signerKeys } from '../../../src/chain/local/secret.ts';
import { contractsOf } from '../../../src/settings/chain-file.ts';
import { systemClock, type Clock } from '../../../src/runtime/time.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import {
  openOnchainVenues,
  type OnchainVenuesSettings,
} from '../../../src/venues/onchain/open-onchain-venues.ts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { gasPriceOf } from '../../support/gas-price.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';

interface Sending {
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
  readonly value?: bigint;
}

export class LocalMarket {
  readonly anvil: LocalAnvil;
  readonly chain: LocalChain;
  readonly client: LocalClient;
  readonly signer: PrivateKeyAccount;
  /** Traded beside those of the local chain. */
  readonly moreTokens: LocalToken[] = [];

  private constructor(anvil: LocalAnvil, chain: LocalChain, signer: PrivateKeyAccount) {
    this.anvil = anvil;
    this.chain = chain;
    this.client = openLocalClient(anvil.rpcUrl);
    this.signer = signer;
  }

  static async open(): Promise<LocalMarket> {
    const anvil = await new LocalAnvil().start();
    const log = { info: () => undefined, warn: () => undefined };
    const deployed = await deployLocalChain({ rpcUrl: anvil.rpcUrl, chainDir: anvil.chainDir, log });
    const [key = '0x'] = signerKeys(openSecret(localChainFiles(anvil.chainDir).secret), 1);
    const signer = privateKeyToAccount(key);
    await fundSigners(anvil.rpcUrl, deployed, [signer.address]);
    const market = new LocalMarket(anvil, deployed.chain, signer);
    await market.client.setIntervalMining({ interval: 0 });
    return market;
  }

  venues(clock: Clock = systemClock, rpcUrl = this.anvil.rpcUrl): readonly OnchainVenue[] {
    return openOnchainVenues(this.settings(rpcUrl), clock);
  }

  settings(rpcUrl = this.anvil.rpcUrl): OnchainVenuesSettings {
    const tokens = [...this.chain.tokens, ...this.moreTokens];
    const contracts = contractsOf({ ...this.chain, tokens });
    const weth = this.token('WETH').address;
    const coinSymbol = 'ETH';
    return { ...this.chain, tokens, rpcUrl, weth, coinSymbol, gasPrice: gasPriceOf(rpcUrl), contracts };
  }

  venue(name: string): OnchainVenue {
    const venue = this.venues().find((candidate) => candidate.name === name);
    if (venue === undefined) throw new Error(`the market has no venue ${name}`);
    return venue;
  }

  token(symbol: string): LocalToken {
    const all = [...this.chain.tokens, ...this.moreTokens];
    const token = all.find((candidate) => candidate.symbol === symbol);
    if (token === undefined) throw new Error(`the market has no ${symbol}`);
    return token;
  }

  balanceOf(symbol: string, account: Address = this.signer.address): Promise<bigint> {
    const { address } = this.token(symbol);
    return this.client.readContract({ address, abi: ERC20, functionName: 'balanceOf', args: [account] });
  }

  /** Signed by the signer, and mined in a separate block. */
  async send(to: Address, data: Hex, gas = 1_000_000n, value = 0n): Promise<TransactionReceipt> {
    const hash = await this.#submit({ to, data, gas, value });
    return this.#mine(hash);
  }

  sendSwap(swap: UnsignedSwap): Promise<TransactionReceipt> {
    return this.send(asHex(swap.to), asHex(swap.data), BigInt(swap.gasLimit), BigInt(swap.value));
  }

  /** The swap, and another transaction of its signer in the same block. @returns the receipt of the swap */
  async inOneBlock(
    swap: UnsignedSwap,
    other: { readonly to: Address; readonly data: Hex; readonly value?: bigint },
  ): Promise<TransactionReceipt> {
    const hash = await this.#submit({
      to: asHex(swap.to),
      data: asHex(swap.data),
      gas: BigInt(swap.gasLimit),
      value: BigInt(swap.value),
    });
    await this.#submit({ ...other, gas: 1_000_000n });
    return this.#mine(hash);
  }

  /** Writes the balance into the token's storage (OpenZeppelin's ERC-20 keeps them in slot 0), without an event. */
  async setBalance(symbol: string, account: Address, amount: bigint): Promise<void> {
    const words = encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [account, 0n]);
    await this.client.setStorageAt({
      address: this.token(symbol).address,
      index: keccak256(words),
      value: numberToHex(amount, { size: 32 }),
    });
  }

  async #submit({ to, data, gas, value = 0n }: Sending): Promise<Hash> {
    const signed = await this.signer.signTransaction({
      chainId: this.chain.chainId,
      type: 'eip1559',
      nonce: await this.client.getTransactionCount({ ...this.signer, blockTag: 'pending' }),
      to,
      data,
      gas,
      value,
      maxFeePerGas: 100_000_000_000n,
      maxPriorityFeePerGas: 1n,
    });
    return this.client.sendRawTransaction({ serializedTransaction: signed });
  }

  async #mine(hash: Hash): Promise<TransactionReceipt> {
    await this.client.mine({ blocks: 1 });
    return this.client.getTransactionReceipt({ hash });
  }

  async approve(symbol: string, spender: Address, amount = maxUint256): Promise<void> {
    const data = encodeFunctionData({ abi: ERC20, functionName: 'approve', args: [spender, amount] });
    await this.send(this.token(symbol).address, data);
  }

  async approveAll(): Promise<void> {
    for (const { router } of this.chain.exchanges) {
      for (const { symbol } of this.chain.tokens) await this.approve(symbol, router);
    }
  }

  close(): Promise<void> {
    return this.anvil.remove();
  }
}

export function asHex(text: string): Hex {
  if (!text.startsWith('0x')) throw new Error(`"${text}" is not hex`);
  return `0x${text.slice(2)}`;
}
