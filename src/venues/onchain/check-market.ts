/** Holds what CHAIN_FILE names against the chain: a wrong address would be paid, or asked for prices, without a word. */
import {
  AbiDecodingZeroDataError,
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  isAddressEqual,
  parseAbi,
  type Address,
} from 'viem';
import { ERC20 } from '../../abis/erc20.ts';
import { L1_FEE_ORACLE } from '../../abis/l1-fee-oracle.ts';
import type { OnchainVenuesSettings } from './open-onchain-venues.ts';
import { openVenueClient } from './venue-client.ts';

const EXCHANGE = parseAbi([
  'function factory() view returns (address)',
  'function WETH() view returns (address)',
  'function WETH9() view returns (address)',
  'function allPairsLength() view returns (uint256)',
  'function feeAmountTickSpacing(uint24 fee) view returns (int24)',
]);

export interface MarketFindings {
  /** What cannot work. One line each, which names the place, what is there and what was expected. */
  readonly problems: readonly string[];
  /** What may be meant so. */
  readonly warnings: readonly string[];
}

type CheckedMarket = Pick<
  OnchainVenuesSettings,
  'rpcUrl' | 'transport' | 'chainId' | 'multicall3' | 'weth' | 'tokens' | 'exchanges' | 'l1FeeOracle'
>;

/** With three requests. @throws what viem throws when the node does not answer */
export async function checkMarket(market: CheckedMarket): Promise<MarketFindings> {
  const client = openVenueClient(market);
  const { multicall3, weth } = market;
  const [chainId, code] = await Promise.all([client.getChainId(), client.getCode({ address: multicall3 })]);
  if (chainId !== market.chainId) {
    return { problems: [`chainId is ${market.chainId}: the node is on chain ${chainId}`], warnings: [] };
  }
  if (code === undefined) {
    return { problems: [`multicall3 ${multicall3} has no code: expected Multicall3`], warnings: [] };
  }
  const problems: string[] = [];
  const warnings: string[] = [];

  /** Null, with a line, where the contract does not answer. All of one turn share a request. */
  async function read<T>(place: string, expected: string, ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (thrown) {
      if (!isWrongContract(thrown)) throw thrown;
      problems.push(`${place} does not answer as expected: expected ${expected}`);
      return null;
    }
  }

  async function compare(place: string, what: string, expected: Address, ask: () => Promise<Address>) {
    const found = await read(place, what, ask);
    if (found !== null && !isAddressEqual(found, expected)) {
      problems.push(`${place} belongs to ${found}: expected ${expected}`);
    }
  }

  const call = (address: Address) => ({ address, abi: EXCHANGE }) as const;
  const factoryOf = (address: Address) => () =>
    client.readContract({ ...call(address), functionName: 'factory' });

  const tokens = market.tokens.map(async ({ symbol, address, decimals }) => {
    const place = `tokens.${symbol} ${address}`;
    const token = { address, abi: ERC20 } as const;
    const [found, name] = await Promise.all([
      read(place, 'a token with decimals', () => client.readContract({ ...token, functionName: 'decimals' })),
      // A few old tokens answer with bytes32.
      client.readContract({ ...token, functionName: 'symbol' }).catch(() => null),
    ]);
    if (found !== null && found !== decimals) {
      problems.push(`${place} has ${found} decimals: expected ${decimals}, as the file says`);
    }
    if (name !== null && name !== symbol) warnings.push(`${place} calls itself ${name}: expected ${symbol}`);
  });

  const exchanges = market.exchanges.flatMap((exchange) => {
    const { name, factory, router } = exchange;
    const at = (part: string, address: Address): string => `exchanges.${name}.${part} ${address}`;
    const routerAt = at('router', router);
    if (exchange.kind === 'uniswap-v2') {
      return [
        read(at('factory', factory), 'a factory of Uniswap V2', () =>
          client.readContract({ ...call(factory), functionName: 'allPairsLength' }),
        ),
        compare(routerAt, 'a router of Uniswap V2', factory, factoryOf(router)),
        compare(`${routerAt} (its WETH)`, 'a router of Uniswap V2', weth, () =>
          client.readContract({ ...call(router), functionName: 'WETH' }),
        ),
      ];
    }
    const fees = exchange.fees.map(async (fee) => {
      const spacing = await read(at('factory', factory), 'a factory of Uniswap V3', () =>
        client.readContract({ ...call(factory), functionName: 'feeAmountTickSpacing', args: [fee] }),
      );
      if (spacing === 0) problems.push(`exchanges.${name}.fees names ${fee}: the factory has no such tier`);
    });
    return [
      ...fees,
      compare(routerAt, 'a router of Uniswap V3', factory, factoryOf(router)),
      compare(`${routerAt} (its WETH9)`, 'a router of Uniswap V3', weth, () =>
        client.readContract({ ...call(router), functionName: 'WETH9' }),
      ),
      compare(at('quoter', exchange.quoter), 'QuoterV2', factory, factoryOf(exchange.quoter)),
    ];
  });

  const { l1FeeOracle } = market;
  const oracle =
    l1FeeOracle === undefined
      ? null
      : read(`l1FeeOracle ${l1FeeOracle}`, 'GasPriceOracle of the OP stack', () =>
          client.readContract({
            address: l1FeeOracle,
            abi: L1_FEE_ORACLE,
            functionName: 'getL1Fee',
            args: ['0x'],
          }),
        );

  await Promise.all([...tokens, ...exchanges, oracle]);
  return { problems: [...new Set(problems)].sort(), warnings: warnings.sort() };
}

/** The node answered: there is no such contract, or another one. */
function isWrongContract(thrown: unknown): boolean {
  return (
    thrown instanceof BaseError &&
    thrown.walk(
      (error) =>
        error instanceof ContractFunctionRevertedError ||
        error instanceof ContractFunctionZeroDataError ||
        error instanceof AbiDecodingZeroDataError,
    ) !== null
  );
}
