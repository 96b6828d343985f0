import type { Address } from 'viem';
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import type { ChainFacts, TokenView } from '../../http/routes/chain.ts';
import type { OperateDeps, SignerFunds } from '../../orders/commands/operate.ts';
import { withTimeout } from '../../runtime/timeout.ts';
import type { OpenMarket } from './open-market.ts';

const LIMIT_MS = 2_000;
/** Pages ask every few seconds. */
const KEPT_MS = 10_000;

const isNativeCoin = ({ address }: TokenView): boolean => address.toLowerCase() === NATIVE_COIN.toLowerCase();

type FundsOf = OperateDeps['fundsOf'];
interface ReadMarket {
  readonly node: Pick<OpenMarket['node'], 'balances'>;
}

/** What signers have, as the node that this process quotes from tells it. However many ask, the node is asked seldom. */
export function signerFunds(openMarket: () => ReadMarket | null, chainFacts: () => ChainFacts): FundsOf {
  let last: { readonly of: string; readonly at: number; readonly funds: ReturnType<FundsOf> } | null = null;

  async function read(addresses: readonly Address[]): Promise<ReadonlyMap<string, SignerFunds> | null> {
    const node = openMarket()?.node;
    if (node === undefined) return null;
    const tokens = chainFacts().tokens.filter((token) => !isNativeCoin(token));
    try {
      const read = [NATIVE_COIN as Address, ...tokens.map(({ address }) => address as Address)];
      const [ofCoin = [], ...ofTokens] = await withTimeout(
        Promise.all(read.map((token) => node.balances(token, addresses))),
        LIMIT_MS,
        "the signers' balances",
      );
      return new Map(
        addresses.map((address, index) => [
          address,
          {
            ether: String(ofCoin[index]?.ether ?? 0n),
            tokens: tokens.flatMap(({ address: token }, position) => {
              const amount = ofTokens[position]?.[index]?.tokens ?? 0n;
              return amount === 0n ? [] : [{ token, amount: String(amount) }];
            }),
          },
        ]),
      );
    } catch {
      return null;
    }
  }

  return (addresses) => {
    const of = addresses.join();
    const now = performance.now();
    if (last?.of === of && now - last.at <= KEPT_MS) return last.funds;
    last = { of, at: now, funds: read(addresses as readonly Address[]) };
    return last.funds;
  };
}
