/** All venues of one chain, over one client: their reads of one turn of the event loop go out as one request. */
import type { Address } from 'viem';
import type { Clock } from '../../runtime/time.ts';
import { allowanceSlots } from './simulation/allowance-slot.ts';
import { transferSimulation } from './simulation/transfer-simulation.ts';
import { recipientCheck } from './check-recipient.ts';
import { blockFacts } from './fills/block-facts.ts';
import { onchainVenue, type OnchainVenue } from './onchain-venue.ts';
import type { Exchange } from './exchanges/exchange.ts';
import { gasPricing, type GasPrice } from './gas-pricing.ts';
import { l1DataFee } from './l1-data-fee.ts';
import { tokenList } from './token-list.ts';
import { uniswapV2 } from './exchanges/uniswap-v2.ts';
import { uniswapV3 } from './exchanges/uniswap-v3.ts';
import { openVenueClient, type VenueClient, type VenueClientSettings } from './venue-client.ts';

export type ExchangeSettings =
  | {
      readonly kind: 'uniswap-v2';
      readonly name: string;
      readonly factory: Address;
      readonly router: Address;
    }
  | {
      readonly kind: 'uniswap-v3';
      readonly name: string;
      readonly factory: Address;
      readonly router: Address;
      readonly routerVersion?: 1 | 2 | undefined;
      readonly quoter: Address;
      readonly fees: readonly number[];
    };

export interface OnchainVenuesSettings extends VenueClientSettings {
  /** The chain's native coin, wrapped: gas is priced in it, and V2 hops through it. */
  readonly weth: Address;
  readonly tokens: readonly {
    readonly symbol: string;
    readonly address: Address;
    readonly decimals: number;
  }[];
  /** Of the chain's own coin. Null or left out: it is not traded. */
  readonly coinSymbol?: string | null;
  readonly exchanges: readonly ExchangeSettings[];
  /** All contracts of the market: orders must not pay them. */
  readonly contracts: readonly string[];
  readonly gasPrice: GasPrice;
  /** The contract that tells what a rollup charges for a transaction's data. */
  readonly l1FeeOracle?: Address | undefined;
}

/** @throws Error when the token list names a token twice */
export function openOnchainVenues(settings: OnchainVenuesSettings, clock: Clock): readonly OnchainVenue[] {
  const { weth, coinSymbol = null, gasPrice, l1FeeOracle } = settings;
  const client = openVenueClient(settings);
  const coin = coinSymbol === null ? null : { symbol: coinSymbol, wrapped: weth };
  const tokens = tokenList(settings.tokens, coin);
  const exchanges = settings.exchanges.map((exchange) => openExchange(client, weth, exchange));
  const dataFee = l1FeeOracle === undefined ? null : l1DataFee(client, l1FeeOracle);
  const gas = gasPricing({ gasPrice, dataFee, clock, weth, exchanges });
  const allowanceSlot = allowanceSlots(client);
  const checkRecipient = recipientCheck(settings.contracts, exchanges);
  const blocks = blockFacts(client);
  const simulateTransfer = transferSimulation(client, clock);
  return exchanges.map((exchange) =>
    onchainVenue({
      client,
      exchange,
      tokens,
      gas,
      allowanceSlot,
      checkRecipient,
      blocks,
      simulateTransfer,
    }),
  );
}

function openExchange(client: VenueClient, weth: Address, settings: ExchangeSettings): Exchange {
  return settings.kind === 'uniswap-v2'
    ? uniswapV2(client, { ...settings, weth })
    : uniswapV3(client, settings);
}
