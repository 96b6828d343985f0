/** The local market on a real anvil that mines by itself, with a store for the ledger and submitters over both. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { privateKeyToAccount } from 'viem/accounts';
import type { Hex } from 'viem';
import type { OrderTerms, UnsignedSwap } from '../../../machines/order/types.ts';
import { openChainNode, type ChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import type { EvmSettings } from '../../../src/chain/evm/submitter-context.ts';
import { openEvmSubmitter, type EvmSubmitter } from '../../../src/chain/evm/submitter.ts';
import { privateKeySigner } from '../../../src/chain/evm/signing/transaction-signer.ts';
import {
  deployLocalChain,
  localChainFiles,
  type LocalDeployment,
} from '../../../src/chain/local/deployment/deploy.ts';
import { fundSigners } from '../../../src/chain/local/deployment/fund-signers.ts';
import type { LocalChain, LocalToken } from '../../../src/chain/local/local-chain.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { openSecret, signerKeys } from '../../../src/chain/local/secret.ts';
import { passNothing } from '../../../src/crash-points.ts';
import { readStoredContext } from '../../../src/journal/stored-context.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../../src/store/ports.ts';
import { contractsOf } from '../../../src/settings/chain-file.ts';
import { systemClock } from '../../../src/runtime/time.ts';
import type { OnchainVenue } from '../../../src/venues/onchain/onchain-venue.ts';
import { openOnchainVenues } from '../../../src/venues/onchain/open-onchain-venues.ts';
import { anOrderId } from '../../contracts/order-store/order-store-samples.ts';
import { gasPriceOf } from '../../support/gas-price.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const SELL_AMOUNT = 10n ** 16n;

const SETTINGS: EvmSettings = {
  confirmations: 2,
  finality: 'finalized',
  pollMs: 30,
  raiseAfterMs: 2_000,
  window: 64,
  maxFeePerGas: 500_000_000_000n,
  maxPriorityFeePerGas: 30_000_000_000n,
  allowance: 'unlimited',
};

export class EvmMarket {
  readonly anvil: LocalAnvil;
  readonly chain: LocalChain;
  readonly client: LocalClient;
  readonly key: Hex;
  /** Traded beside those of the local chain. */
  readonly moreTokens: LocalToken[] = [];
  readonly #dir: TempDir = tempDir();
  readonly #stores: Store[] = [];
  readonly #submitters: EvmSubmitter[] = [];

  readonly #deployment: LocalDeployment;
  /** Null: the chain is another market's. */
  readonly #ownAnvil: LocalAnvil | null;
  #signers = 1;

  private constructor(anvil: LocalAnvil, deployment: LocalDeployment, key: Hex, isOwner: boolean) {
    this.anvil = anvil;
    this.chain = deployment.chain;
    this.client = openLocalClient(anvil.rpcUrl);
    this.key = key;
    this.#deployment = deployment;
    this.#ownAnvil = isOwner ? anvil : null;
  }

  static async open(blockMs = 50): Promise<EvmMarket> {
    const anvil = await new LocalAnvil().start(blockMs);
    const deployment = await deployLocalChain({ rpcUrl: anvil.rpcUrl, chainDir: anvil.chainDir, log: LOG });
    return new EvmMarket(anvil, deployment, await fundedKey(anvil, deployment, 1), true);
  }

  /** One with a signer and a store of its own on the chain of this market, which is closed after it. */
  async onThisChain(): Promise<EvmMarket> {
    this.#signers += 1;
    const key = await fundedKey(this.anvil, this.#deployment, this.#signers);
    return new EvmMarket(this.anvil, this.#deployment, key, false);
  }

  get file(): string {
    return join(this.#dir.path, 'orders.sqlite');
  }

  get signer(): `0x${string}` {
    return privateKeyToAccount(this.key).address;
  }

  async store(): Promise<Store> {
    const store = await openSqliteStore({ file: this.file });
    this.#stores.push(store);
    return store;
  }

  get weth(): `0x${string}` {
    const [weth] = this.chain.tokens;
    if (weth === undefined) throw new Error('the market has no token');
    return weth.address;
  }

  venues(rpcUrl = this.anvil.rpcUrl): readonly OnchainVenue[] {
    const tokens = [...this.chain.tokens, ...this.moreTokens];
    const contracts = contractsOf({ ...this.chain, tokens });
    const settings = {
      ...this.chain,
      tokens,
      rpcUrl,
      weth: this.weth,
      coinSymbol: 'ETH',
      gasPrice: gasPriceOf(rpcUrl),
      contracts,
    };
    return openOnchainVenues(settings, systemClock);
  }

  /** @param rpcUrl of the node that it reads */
  venue(name = 'alpha-v2', rpcUrl = this.anvil.rpcUrl): OnchainVenue {
    const venue = this.venues(rpcUrl).find((each) => each.name === name);
    if (venue === undefined) throw new Error(`the market has no venue ${name}`);
    return venue;
  }

  async submitter(
    over: Partial<EvmSettings> = {},
    node: ChainNode = openChainNode(this.anvil.rpcUrl, { pollMs: SETTINGS.pollMs }),
  ): Promise<EvmSubmitter> {
    const store = await this.store();
    const submitter = await openEvmSubmitter({
      chainId: this.chain.chainId,
      node,
      ledger: store.ledger,
      orders: store.orders,
      submissionOf: ({ state }) => {
        const { epoch, transactions, terms } = readStoredContext(state.context);
        return { epoch, hashes: transactions.map(({ hash }) => hash), validTo: terms.validTo };
      },
      signers: [privateKeySigner(this.key)],
      decoder: {
        readFill: (name, terms, receipt) => this.venue(name).readFill(terms, receipt),
        decodeRevert: (name, data) => {
          const venue = this.venue(name);
          return venue.classifyRevert({ reason: venue.revertReason(data) });
        },
      },
      settings: { ...SETTINGS, ...over },
      clock: systemClock,
      passCrashPoint: passNothing,
      log: LOG,
    });
    this.#submitters.push(submitter);
    return submitter;
  }

  async newOrder(
    over: Partial<OrderTerms> = {},
    venueName = 'alpha-v2',
  ): Promise<{ readonly terms: OrderTerms; readonly swap: UnsignedSwap }> {
    const terms: OrderTerms = {
      orderId: anOrderId(),
      owner: 'local',
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: SELL_AMOUNT.toString(),
      minBuyAmount: null,
      slippageBps: 100,
      validTo: Math.floor(Date.now() / 1000) + 600,
      recipient: null,
      clientOrderId: null,
      ...over,
    };
    const signal = new AbortController().signal;
    const venue = this.venue(venueName);
    const quote = await venue.quote(terms, { asking: 1, signal });
    const minBuyAmount = ((BigInt(quote.buyAmount) * 99n) / 100n).toString();
    const route = { venue: venueName, buyAmount: quote.buyAmount, minBuyAmount, why: 'a test' };
    const swap = await venue.build(terms, route, { asking: 1, signal, signer: this.signer });
    return { terms, swap };
  }

  rebuilt(terms: OrderTerms, swap: UnsignedSwap): Promise<UnsignedSwap> {
    const minBuyAmount = (BigInt(swap.minBuyAmount) - 1n).toString();
    const route = { venue: swap.venue, buyAmount: swap.minBuyAmount, minBuyAmount, why: 'a test' };
    const signal = new AbortController().signal;
    return this.venue(swap.venue).build(terms, route, { asking: 2, signal, signer: this.signer });
  }

  /** Of all that was signed for the order, what the chain has executed. */
  async executions(orderId: string): Promise<number> {
    const receipts = await Promise.all(
      this.#rows(
        `SELECT hash AS text FROM attempts JOIN slots ON slots.no = slot_no
           WHERE order_id = '${orderId}' AND kind = 'swap'`,
      ).map((hash) => this.client.getTransactionReceipt({ hash: `0x${hash.slice(2)}` }).catch(() => null)),
    );
    return receipts.filter((receipt) => receipt?.status === 'success').length;
  }

  storedBytes(): readonly string[] {
    return this.#rows('SELECT bytes AS text FROM attempts');
  }

  async closeSubmitters(): Promise<void> {
    await Promise.all(this.#submitters.splice(0).map((submitter) => submitter.close()));
    await Promise.all(this.#stores.splice(0).map((store) => store.close()));
  }

  async close(): Promise<void> {
    await this.closeSubmitters();
    await this.#ownAnvil?.remove();
    this.#dir.remove();
  }

  #rows(sql: string): readonly string[] {
    const db = new Database(this.file, { readonly: true });
    try {
      return db
        .prepare<[], { text: string }>(sql)
        .all()
        .map(({ text }) => text);
    } finally {
      db.close();
    }
  }
}

async function fundedKey(anvil: LocalAnvil, deployment: LocalDeployment, number: number): Promise<Hex> {
  const key = signerKeys(openSecret(localChainFiles(anvil.chainDir).secret), number).at(-1) ?? '0x';
  await fundSigners(anvil.rpcUrl, deployment, [privateKeyToAccount(key).address]);
  return key;
}
