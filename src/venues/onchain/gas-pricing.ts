/** What gas costs now, in the token that an order buys: one answer for all venues, so that their quotes compare. */
import { isAddressEqual, type Address, type Hex } from 'viem';
import type { Clock } from '../../runtime/time.ts';
import { quoteBestPath, type Exchange } from './exchanges/exchange.ts';

export interface GasPricing {
  /**
   * In base units of `buy`, rounded up; null: no exchange trades ether for it.
   * @param call whose data some chains charge for beside its gas; left out: nothing is charged for it
   * @throws what viem throws
   */
  costOf(gas: bigint, buy: Address, call?: DataCall): Promise<bigint | null>;
}

/** What a transaction costs for its data, in wei, beside its gas. Chains that do not charge for it have none. */
export type DataFee = (call: DataCall) => Promise<bigint>;

export interface DataCall {
  readonly to: Address;
  readonly data: Hex;
}

/** What a unit of gas of a swap will cost, in wei: by the same source and limits as the fees that are signed. */
export type GasPrice = () => Promise<bigint>;

export interface GasPricingDeps {
  readonly gasPrice: GasPrice;
  readonly dataFee: DataFee | null;
  readonly clock: Clock;
  readonly weth: Address;
  /** Quoted for the price; the best quote counts. */
  readonly exchanges: readonly Exchange[];
}

/** Both prices move slowly, and only serve to compare quotes. */
const MAX_AGE_MS = 3_000;
/** The ether that is quoted for the price: enough to be exact, too little to move a pool. */
const SAMPLE_WEI = 10n ** 16n;

export function gasPricing(deps: GasPricingDeps): GasPricing {
  const { gasPrice: read, dataFee, clock, weth, exchanges } = deps;
  const gasPrice = cached(clock, read);
  const prices = new Map<string, () => Promise<bigint | null>>();

  /** What the sample pays in this token. */
  async function sample(buy: Address): Promise<bigint | null> {
    const quotes = await Promise.all(
      exchanges.map((exchange) => quoteBestPath(exchange, weth, buy, SAMPLE_WEI)),
    );
    const paid = quotes.flatMap((quote) => (typeof quote === 'string' ? [] : [quote.buyAmount]));
    return paid.length === 0 ? null : paid.reduce((most, amount) => (amount > most ? amount : most));
  }

  return {
    async costOf(gas, buy, call) {
      const forData = call === undefined || dataFee === null ? 0n : dataFee(call);
      const price = prices.get(buy) ?? cached(clock, () => sample(buy));
      if (!isAddressEqual(buy, weth)) prices.set(buy, price);
      const [weiPerGas, dataWei, paid] = await Promise.all([
        gasPrice(),
        forData,
        isAddressEqual(buy, weth) ? SAMPLE_WEI : price(),
      ]);
      return paid === null ? null : divideUp((gas * weiPerGas + dataWei) * paid, SAMPLE_WEI);
    },
  };
}

/** The last answer while it is fresh, or the request that is under way. A failure is not cached. */
function cached<T>(clock: Clock, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | null = null;
  return () => {
    if (last === null || clock.now() - last.at >= MAX_AGE_MS) {
      const asked = { at: clock.now(), answer: ask() };
      last = asked;
      asked.answer.catch(() => {
        if (last === asked) last = null;
      });
    }
    return last.answer;
  };
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
