/** A venue on a real chain: an exchange's contracts, read and simulated through a node. It never signs and never sends. */
import { getAddress, isAddressEqual, type Address } from 'viem';
import { parseAmount, printAmount } from '../../../machines/amount.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { OrderTerms, Quote, Route, UnsignedSwap } from '../../../machines/order/types.ts';
import { revertReason } from '../../abis/revert.ts';
import type { AllowanceSlot } from './simulation/allowance-slot.ts';
import { buildSwap } from './build-swap.ts';
import type { CheckRecipient } from './check-recipient.ts';
import { classifyRevert } from './classify-revert.ts';
import type { SwapReceipt } from './fills/decode-fill.ts';
import { quoteBestPath, type BestQuote, type Exchange, type SwapCall } from './exchanges/exchange.ts';
import type { GasPricing } from './gas-pricing.ts';
import { MULTICALL3 } from '../../abis/multicall3.ts';
import type { BuildRequest, Venue } from '../port.ts';
import type { BlockFacts } from './fills/block-facts.ts';
import { readFill, type ReadFill } from './fills/read-fill.ts';
import { quoteReceived } from './quote-received.ts';
import { nodeFailure } from './rpc-failure.ts';
import type { SimulateTransfer } from './simulation/transfer-simulation.ts';
import type { ListedToken, TokenList } from './token-list.ts';
import { untilAborted } from '../../runtime/abort.ts';
import type { VenueClient } from './venue-client.ts';

export interface OnchainVenue extends Venue {
  /** What a mined swap moved. @throws EffectError where the node does not answer */
  readFill(terms: OrderTerms, receipt: SwapReceipt): Promise<ReadFill>;
  /** What a call reverted with, as the text that `classifyRevert` takes. */
  revertReason(data: string): string;
}

export interface OnchainVenueDeps {
  readonly client: VenueClient;
  readonly exchange: Exchange;
  readonly tokens: TokenList;
  readonly gas: GasPricing;
  readonly allowanceSlot: AllowanceSlot;
  readonly checkRecipient: CheckRecipient;
  readonly blocks: BlockFacts;
  readonly simulateTransfer: SimulateTransfer;
}

interface Pair {
  readonly sell: ListedToken;
  readonly buy: ListedToken;
}

export function onchainVenue(deps: OnchainVenueDeps): OnchainVenue {
  const { client, exchange, tokens, gas } = deps;
  const { name } = exchange;

  function pairOf({ sellToken, buyToken }: OrderTerms): Pair {
    const pair = { sell: tokens(sellToken), buy: tokens(buyToken) };
    if (isAddressEqual(pair.sell.address, pair.buy.address)) throw noPool(pair);
    return pair;
  }

  function noPool({ sell, buy }: Pair): EffectError {
    return new EffectError(
      'fail',
      'unsupported_pair',
      `${name} does not trade ${sell.symbol} for ${buy.symbol}`,
    );
  }

  async function bestQuote(terms: OrderTerms, pair: Pair): Promise<BestQuote> {
    const { sell, buy } = pair;
    const offer = await quoteBestPath(exchange, sell.address, buy.address, parseAmount(terms.sellAmount));
    if (typeof offer !== 'string') return offer;
    if (offer === 'no_pool') throw noPool(pair);
    const what = `${terms.sellAmount} base units of ${sell.symbol}`;
    if (offer === 'amount_too_small') {
      throw new EffectError(
        'fail',
        offer,
        `${name} pays less than one base unit of ${buy.symbol} for ${what}`,
      );
    }
    throw new EffectError('retry', offer, `${name} has too little ${buy.symbol} for ${what}`);
  }

  async function quote(terms: OrderTerms): Promise<Quote> {
    const pair = pairOf(terms);
    // All are requested in one turn of the event loop, so that they are read in one multicall, at one block.
    const [offer, block] = await Promise.all([
      bestQuote(terms, pair),
      client.readContract({
        address: client.chain.contracts.multicall3.address,
        abi: MULTICALL3,
        functionName: 'getBlockNumber',
      }),
      gas.costOf(0n, pair.buy.address),
      exchange.pools(pair.sell.address, pair.buy.address),
    ]);
    const { recipient, sellAmount } = terms;
    const received = await quoteReceived(deps, offer, {
      ...pair,
      sellAmount: parseAmount(sellAmount),
      recipient: recipient === null ? null : getAddress(recipient),
    });
    const gasCost = await gas.costOf(received.offer.gas, pair.buy.address, {
      to: exchange.router,
      data: offer.path.encode({
        sellAmount: parseAmount(sellAmount),
        minBuyAmount: received.buyAmount,
        recipient: recipientOf(terms, exchange.router),
        deadline: BigInt(terms.validTo),
        coin: coinOf(pair),
      }),
    });
    return {
      venue: name,
      buyAmount: printAmount(received.buyAmount),
      gasCost: printAmount(gasCost ?? 0n),
      gasPriced: gasCost !== null,
      block: printAmount(block),
      ...(received.isGross ? { beforeTransferFees: true } : {}),
    };
  }

  async function build(terms: OrderTerms, route: Route, building: BuildRequest): Promise<UnsignedSwap> {
    const { sell, buy } = pairOf(terms);
    const signer = getAddress(building.signer);
    const minBuyAmount = parseAmount(route.minBuyAmount);
    const sellAmount = parseAmount(terms.sellAmount);
    // A route names only its venue: the best path through it is found again, at the present prices.
    const recipient = recipientOf(terms, signer);
    const isNamed = terms.recipient !== null;
    const [offer] = await Promise.all([
      bestQuote(terms, { sell, buy }),
      isNamed ? deps.checkRecipient(recipient, sell.address, buy.address) : null,
    ]);
    building.signal.throwIfAborted();
    if (offer.buyAmount < minBuyAmount) {
      throw new EffectError(
        'reroute',
        'slippage',
        `${name} now pays ${offer.buyAmount} ${buy.symbol}: expected at least ${minBuyAmount} ${buy.symbol}`,
      );
    }
    const swap = await buildSwap(deps, {
      signer,
      sell,
      buy,
      offer,
      call: {
        sellAmount,
        minBuyAmount,
        recipient,
        deadline: BigInt(terms.validTo),
        coin: coinOf({ sell, buy }),
      },
    });
    const isCoinSold = sell.isCoin === true;
    return {
      venue: name,
      to: exchange.router,
      data: swap.data,
      value: isCoinSold ? terms.sellAmount : '0',
      gasLimit: printAmount((swap.gas * 12n) / 10n + offer.gasReserve),
      minBuyAmount: route.minBuyAmount,
      deadline: terms.validTo,
      spends: isCoinSold ? null : { token: sell.address, spender: exchange.router, amount: terms.sellAmount },
    };
  }

  /** Turns what the node throws into an EffectError, and stops when the caller's signal aborts. */
  async function withVenueErrors<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    try {
      return await untilAborted(ask(), signal);
    } catch (thrown) {
      throw signal.aborted ? thrown : nodeFailure(name, thrown);
    }
  }

  return {
    name,
    quote: (terms, { signal }) => withVenueErrors(() => quote(terms), signal),
    build: (terms, route, building) => withVenueErrors(() => build(terms, route, building), building.signal),
    classifyRevert: ({ reason }) => classifyRevert(exchange, reason),
    readFill: async (terms, receipt) => {
      const { sell, buy } = pairOf(terms);
      try {
        return await readFill({ client, blocks: deps.blocks, exchange, sell, buy }, terms, receipt);
      } catch (thrown) {
        throw nodeFailure(name, thrown);
      }
    },
    revertReason,
  };
}

function coinOf({ sell, buy }: Pair): SwapCall['coin'] {
  if (sell.isCoin === true) return 'sold';
  return buy.isCoin === true ? 'bought' : undefined;
}

function recipientOf({ recipient }: OrderTerms, signer: Address): Address {
  return recipient === null ? signer : getAddress(recipient);
}
