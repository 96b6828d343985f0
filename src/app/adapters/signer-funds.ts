import type { Address } from 'viem';
import { isNativeCoin, NATIVE_COIN } from '../../../machines/native-coin.ts';
import type { ChainFacts } from '../../http/routes/chain.ts';
import type { OperateDeps, SignerFunds } from '../../orders/commands/operate.ts';
import { RecentReads } from '../../runtime/recent-reads.ts';
import { withTimeout } from '../../runtime/timeout.ts';
import type { OpenMarket } from './open-market.ts';

const LIMIT_MS = 2_000;
/** Pages ask every few seconds. */
const KEPT_MS = 10_000;
const SEPARATOR = ',';

type FundsOf = OperateDeps['fundsOf'];
interface ReadMarket {
  readonly node: Pick<OpenMarket['node'], 'balances'>;
}

/** What signers have, as the node that this process quotes from tells it. However many ask, the node is asked seldom. */
export function signerFunds(openMarket: () => ReadMarket | null, chainFacts: () => ChainFacts): FundsOf {
  async function read(addresses: readonly Address[]): Promise<ReadonlyMap<string, SignerFunds> | null> {
    const node = openMarket()?.node;
    if (node === undefined) return null;
    const tokens = chainFacts().tokens.filter(({ address }) => !isNativeCoin(address));
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

  const recent = new RecentReads((addresses) => read(addresses.split(SEPARATOR) as Address[]), {
    maxAgeMs: KEPT_MS,
    maxEntries: 1,
    now: () => performance.now(),
  });
  return (addresses) => recent.get(addresses.join(SEPARATOR));
}
