/**
 * The submitter's parts on a market whose chain mines, drops and takes back only what a test says. Each
 * test gets the chain as it was at first, an empty ledger and its own clock.
 */
import { join } from 'node:path';
import { encodeFunctionData, maxUint256, parseGwei, type Hex, type TransactionReceipt } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Report, SentInput, UnsignedSwap } from '../../../machines/order/types.ts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { accountIdOf } from '../../../src/chain/evm/submitter-context.ts';
import { Resender, type ResenderContext } from '../../../src/chain/evm/resender.ts';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import {
  privateKeySigner,
  type TransactionSigner,
} from '../../../src/chain/evm/signing/transaction-signer.ts';
import { passNothing } from '../../../src/crash-points.ts';
import type { Attempt, SignerAccount, NonceReservation } from '../../../src/store/ledger.ts';
import type { Store } from '../../../src/store/ports.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store.ts';
import { created } from '../../contracts/order-store/order-store-samples.ts';
import { boundedSignal } from '../../support/bounded-signal.ts';
import { rpcProxy, type RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { tempDir, type TempDir } from '../../support/temp-dir.ts';
import { EvmMarket } from './evm-market.ts';

export const CONFIRMATIONS = 2;
/** A `validTo` that no test reaches. */
export const NEVER = 4_000_000_000;

export interface SignedOrder {
  readonly swap: UnsignedSwap;
  readonly sent: SentInput;
}

export class EvmWorkbench {
  readonly market: EvmMarket;
  readonly signer: TransactionSigner;
  /** What an order would have committed: its epoch and the hashes that it has submitted. */
  readonly submitted = new Map<
    string,
    { readonly epoch: number; readonly hashes: readonly string[]; readonly validTo?: number }
  >();
  /** What was said as an error. */
  readonly errors: unknown[] = [];
  now = 0;
  #waiting = new AbortController();
  #dir: TempDir = tempDir();
  #store: Store | null = null;
  #untouched: Hex | null = null;
  #proxies: RpcProxy[] = [];

  private constructor(market: EvmMarket) {
    this.market = market;
    this.signer = privateKeySigner(market.key);
  }

  static async open(): Promise<EvmWorkbench> {
    const bench = new EvmWorkbench(await EvmMarket.open());
    await bench.client.setIntervalMining({ interval: 0 });
    return bench;
  }

  /** A proxy before the chain, for one test. */
  async proxy(): Promise<RpcProxy> {
    const proxy = await rpcProxy(this.market.anvil.rpcUrl);
    this.#proxies.push(proxy);
    return proxy;
  }

  get client(): EvmMarket['client'] {
    return this.market.client;
  }

  get store(): Store {
    if (this.#store === null) throw new Error('begin() opens the store');
    return this.#store;
  }

  /** The path of the store's file, as the settings name it. */
  get dataDir(): string {
    return this.#dir.path;
  }

  get accountId(): string {
    return accountIdOf(this.market.chain.chainId, this.signer.address);
  }

  /** Before each test. @param allowed whether the routers may take what the signer sells */
  async begin({ allowed = true } = {}): Promise<void> {
    await this.#clear();
    if (this.#untouched !== null) await this.client.revert({ id: this.#untouched });
    await this.forget();
    this.#untouched = await this.client.snapshot();
    if (allowed) await this.#allowAll();
    // Empty ones, that a reorganisation may take without taking anything.
    await this.mine(2);
    this.#store = await openSqliteStore({ file: join(this.#dir.path, 'orders.sqlite') });
    const { node, ledger } = this.deps();
    await ledger.accounts.open(
      this.accountId,
      await node.genesis(),
      await node.transactionCount(this.signer.address),
    );
  }

  async close(): Promise<void> {
    await this.#clear();
    this.#dir.remove();
    await this.market.close();
  }

  deps(
    over: Partial<ResenderContext['settings']> = {},
    more: Partial<ResenderContext> = {},
  ): ResenderContext {
    return {
      chainId: this.market.chain.chainId,
      node: openChainNode(this.market.anvil.rpcUrl),
      ledger: this.store.ledger,
      orders: this.store.orders,
      submissionOf: ({ orderId }) => ({
        epoch: 1,
        hashes: [],
        validTo: NEVER,
        ...this.submitted.get(orderId),
      }),
      signers: [this.signer],
      decoder: {
        readFill: (name, terms, receipt) => this.market.venue(name).readFill(terms, receipt),
        decodeRevert: (name, data) => {
          const venue = this.market.venue(name);
          return venue.classifyRevert({ reason: venue.revertReason(data) });
        },
      },
      settings: {
        confirmations: CONFIRMATIONS,
        finality: 'finalized',
        pollMs: 20,
        raiseAfterMs: 1_000,
        window: 16,
        maxFeePerGas: parseGwei('500'),
        maxPriorityFeePerGas: parseGwei('30'),
        allowance: 'unlimited',
        ...over,
      },
      clock: { now: () => this.now },
      passCrashPoint: passNothing,
      log: { info: () => undefined, warn: () => undefined, error: (said: unknown) => this.errors.push(said) },
      ...more,
    };
  }

  resender(over: Partial<ResenderContext['settings']> = {}, more: Partial<ResenderContext> = {}): Resender {
    return new Resender(this.deps(over, more), this.signer);
  }

  /** For what waits for the chain. It aborts before the test's time is over, and at the end of the test. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#waiting.signal, boundedSignal("the chain's decision")]);
  }

  execution(reports: Report[] = []) {
    const report = (each: Report): Promise<void> => {
      reports.push(each);
      return Promise.resolve();
    };
    return { signal: this.signal, durable: () => Promise.resolve(), report };
  }

  /** An order that is stored, and whose swap is signed and named in a reservation that is still reserved. */
  async signed(over: Partial<ResenderContext['settings']> = {}): Promise<SignedOrder> {
    const { terms, swap } = await this.market.newOrder();
    await created(this.store, { orderId: terms.orderId });
    const input = { terms, swap, signer: this.signer.address, epoch: 1 };
    const { transaction } = await signSwap(this.deps(over), this.signer, input, this.execution());
    const sent = { ...input, venue: swap.venue, transactions: [transaction] };
    return { swap, sent };
  }

  /** The same, armed, as its order has committed it. Nothing is sent. */
  async armed(over: Partial<ResenderContext['settings']> = {}): Promise<SignedOrder> {
    const order = await this.signed(over);
    const { terms, transactions } = order.sent;
    this.submitted.set(terms.orderId, { epoch: 1, hashes: transactions.map(({ hash }) => hash) });
    await this.store.ledger.reservations.move(this.accountId, ownerOf(order), 'reserved', 'armed');
    return order;
  }

  async reservationOf(order: SignedOrder): Promise<NonceReservation> {
    const reservation = await this.store.ledger.reservations.find(this.accountId, ownerOf(order));
    if (reservation === null) throw new Error(`order ${order.sent.terms.orderId} has no reservation`);
    return reservation;
  }

  attemptsOf(order: SignedOrder): Promise<readonly Attempt[]> {
    return this.store.ledger.attempts.of(this.accountId, ownerOf(order));
  }

  readAccount(): Promise<SignerAccount> {
    return this.store.ledger.accounts.read(this.accountId);
  }

  mine(blocks = 1): Promise<void> {
    return this.client.mine({ blocks });
  }

  /** The mempool loses everything. */
  forget(): Promise<unknown> {
    return this.#request('anvil_dropAllTransactions', []);
  }

  /** The last blocks are replaced by as many others; what they held is in none, and in no mempool, but for these. */
  reorganise(depth: number, instead: readonly (readonly [bytes: string, block: number])[] = []) {
    return this.#request('anvil_reorg', [depth, instead]);
  }

  /** Null: it is in no block. */
  receipt(hash: string): Promise<TransactionReceipt | null> {
    return this.deps().node.receipt(`0x${hash.slice(2)}`);
  }

  usedNonces(): Promise<number> {
    return this.client.getTransactionCount({ address: this.signer.address });
  }

  /** Signed with the same key outside of the submitter, and sent. */
  async sendForeign(nonce: number): Promise<Hex> {
    const serializedTransaction = await this.signer.sign({
      chainId: this.market.chain.chainId,
      type: 'eip1559',
      nonce,
      to: `0x${'ee'.repeat(20)}`,
      value: 1n,
      data: '0x',
      gas: 21_000n,
      maxFeePerGas: parseGwei('900'),
      maxPriorityFeePerGas: parseGwei('90'),
    });
    return this.client.sendRawTransaction({ serializedTransaction });
  }

  async #allowAll(): Promise<void> {
    const account = privateKeyToAccount(this.market.key);
    let nonce = await this.usedNonces();
    for (const { router } of this.market.chain.exchanges) {
      const args = [router, maxUint256] as const;
      const serializedTransaction = await account.signTransaction({
        chainId: this.market.chain.chainId,
        type: 'eip1559',
        nonce: nonce++,
        to: this.market.weth,
        data: encodeFunctionData({ abi: ERC20, functionName: 'approve', args }),
        gas: 100_000n,
        maxFeePerGas: parseGwei('900'),
        maxPriorityFeePerGas: 1n,
      });
      await this.client.sendRawTransaction({ serializedTransaction });
    }
    await this.mine();
  }

  async #clear(): Promise<void> {
    this.#waiting.abort(new Error('the test has ended'));
    this.#waiting = new AbortController();
    await Promise.all(this.#proxies.splice(0).map((proxy) => proxy.close()));
    await this.#store?.close();
    this.#store = null;
    this.#dir.remove();
    this.#dir = tempDir();
    this.submitted.clear();
    this.errors.length = 0;
    this.now = 0;
  }

  /** What viem has no words for. */
  #request(method: string, params: readonly unknown[]): Promise<unknown> {
    return fetch(this.market.anvil.rpcUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    }).then((response) => response.json());
  }
}

export function ownerOf({ sent }: SignedOrder): { readonly orderId: string; readonly epoch: number } {
  return { orderId: sent.terms.orderId, epoch: sent.epoch };
}
