/** A front-runner on the local chain: it watches the mempool, controls the mining of blocks, and swaps before the signers do. */
import { join } from 'node:path';
import { encodeFunctionData, isAddressEqual, maxUint256, parseEther, type Address, type Hex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { z } from 'zod';
import { ERC20 } from '../../src/abis/erc20.ts';
import { WETH9 } from '../../src/abis/weth9.ts';
import { localChainFiles } from '../../src/chain/local/deployment/deploy.ts';
import { readLocalChain, type LocalChain } from '../../src/chain/local/local-chain.ts';
import { openLocalClient, type LocalClient } from '../../src/chain/local/local-client.ts';
import { readPort } from '../../src/embedded/anvil/chain-port.ts';
import { systemClock } from '../../src/runtime/time.ts';
import type { OnchainVenue } from '../../src/venues/onchain/onchain-venue.ts';
import { openOnchainVenues } from '../../src/venues/onchain/open-onchain-venues.ts';
import { eventually } from '../support/eventually.ts';
import { ask, routeOf } from '../venues/routing/asking.ts';
import { asHex } from '../venues/onchain/local-market.ts';
import { orderTerms } from '../venues/order-terms.ts';
import { contractsOf } from '../../src/settings/chain-file.ts';
import { gasPriceOf } from '../support/gas-price.ts';

const GWEI = 10n ** 9n;
/** Far above the fees that Fillstream's signers offer while blocks are not full. */
const FEES = { maxFeePerGas: 1_000n * GWEI, maxPriorityFeePerGas: 100n * GWEI } as const;
const WETH_TO_SPEND = parseEther('10000');

const waitingSchema = z.object({ hash: z.string(), from: z.string(), to: z.string() });
type Waiting = z.infer<typeof waitingSchema>;

export class FrontRunner {
  readonly client: LocalClient;
  readonly venues: readonly OnchainVenue[];
  readonly #chain: LocalChain;
  readonly #account = privateKeyToAccount(generatePrivateKey());

  private constructor(client: LocalClient, chain: LocalChain, venues: readonly OnchainVenue[]) {
    this.client = client;
    this.venues = venues;
    this.#chain = chain;
  }

  /** Prepares all that its swaps need on the chain of the data folder. After this the chain mines only on request. */
  static async open(dataDir: string): Promise<FrontRunner> {
    const chainDir = join(dataDir, 'chain');
    const chain = readLocalChain(localChainFiles(chainDir).manifest);
    const rpcUrl = `http://127.0.0.1:${readPort(join(chainDir, 'port')) ?? 0}`;
    const [weth] = chain?.tokens ?? [];
    if (chain === null || weth === undefined) throw new Error(`${chainDir} holds no local chain`);
    const venues = openOnchainVenues(
      { ...chain, rpcUrl, weth: weth.address, gasPrice: gasPriceOf(rpcUrl), contracts: contractsOf(chain) },
      systemClock,
    );
    const runner = new FrontRunner(openLocalClient(rpcUrl), chain, venues);
    await runner.#prepare(weth.address);
    return runner;
  }

  mine(blocks = 1): Promise<void> {
    return this.client.mine({ blocks });
  }

  balanceOf(symbol: string, account: Address): Promise<bigint> {
    const token = this.#chain.tokens.find((each) => each.symbol === symbol);
    if (token === undefined) throw new Error(`the chain has no ${symbol}`);
    const args = [account] as const;
    return this.client.readContract({ address: token.address, abi: ERC20, functionName: 'balanceOf', args });
  }

  /** Waits for a pending swap of another account. Mines the transactions before it (allowances). */
  othersSwap(): Promise<Waiting> {
    return eventually(
      async () => {
        const waiting = await this.#waiting();
        const swap = waiting.find((each) => this.#isOthersSwap(each));
        if (swap === undefined && waiting.length > 0) await this.mine();
        return swap ?? null;
      },
      (swap) => swap !== null,
      20_000,
    ).then((swap) => waitingSchema.parse(swap));
  }

  venueAt(router: string): OnchainVenue {
    const exchange = this.#chain.exchanges.find((each) => isAddressEqual(each.router, asHex(router)));
    const venue = this.venues.find(({ name }) => name === exchange?.name);
    if (venue === undefined) throw new Error(`no venue has the router ${router}`);
    return venue;
  }

  /** Sells WETH for USDC with fees above all pending transactions. The next block contains it. */
  async swap(venue: OnchainVenue, sellAmount: string): Promise<Hex> {
    const terms = orderTerms('front-run', { sellAmount });
    const building = { ...ask(), signer: this.#account.address };
    const { to, data, gasLimit } = await venue.build(terms, routeOf(venue.name, '1'), building);
    return this.#send(asHex(to), asHex(data), { gas: BigInt(gasLimit) });
  }

  async #prepare(weth: Address): Promise<void> {
    const { address } = this.#account;
    await this.client.setIntervalMining({ interval: 0 });
    await this.client.setBalance({ address, value: 2n * WETH_TO_SPEND });
    await this.#send(weth, encodeFunctionData({ abi: WETH9 }), { value: WETH_TO_SPEND });
    for (const { router } of this.#chain.exchanges) {
      const args = [router, maxUint256] as const;
      await this.#send(weth, encodeFunctionData({ abi: ERC20, functionName: 'approve', args }));
    }
    await this.mine();
  }

  async #send(to: Address, data: Hex, over: { readonly gas?: bigint; readonly value?: bigint } = {}) {
    const serializedTransaction = await this.#account.signTransaction({
      chainId: this.#chain.chainId,
      type: 'eip1559',
      nonce: await this.client.getTransactionCount({ address: this.#account.address, blockTag: 'pending' }),
      to,
      data,
      gas: 200_000n,
      ...FEES,
      ...over,
    });
    return this.client.sendRawTransaction({ serializedTransaction });
  }

  async #waiting(): Promise<readonly Waiting[]> {
    const { pending } = await this.client.getTxpoolContent();
    return Object.values(pending).flatMap((byNonce) => z.array(waitingSchema).parse(Object.values(byNonce)));
  }

  #isOthersSwap({ from, to }: Waiting): boolean {
    const isMine = isAddressEqual(asHex(from), this.#account.address);
    return !isMine && this.#chain.exchanges.some(({ router }) => isAddressEqual(router, asHex(to)));
  }
}
