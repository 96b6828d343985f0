/** The chains that orders are swapped on, as an anvil behind a proxy can show them. */
import type { ChainSetting, Endpoints } from '../chain-deployment.ts';
import { USUAL_RULES, type ChainRules } from '../harness-chain.ts';
import { behind, dataFee, gasForData, passOn, pruning, rateLimited } from './node-rules.ts';
import { RuledRpc, type Rule } from './ruled-rpc.ts';

export interface ChainProfile {
  readonly name: string;
  /** What is particular to it. */
  readonly what: string;
  /** Between two blocks of the chain that it stands for: `setting.rules.blockMs` is that divided by the ratio. */
  readonly ratio: number;
  readonly confirmations: number;
  /** Whether the base fee jumps at times, to about thirty times what it is else. */
  readonly hasSpikes: boolean;
  readonly setting: ChainSetting;
}

const WEI_PER_BYTE = 20_000_000_000n;
const WORKERS = 2;

interface Traits {
  readonly what: string;
  readonly ratio?: number;
  readonly confirmations?: number;
  readonly hasSpikes?: boolean;
  readonly rules?: Partial<ChainRules>;
  /** One for each endpoint of RPC_URL. */
  readonly nodes?: readonly Rule[];
  readonly env?: Readonly<Record<string, string>>;
}

function profile(name: string, traits: Traits): ChainProfile {
  const { what, ratio = 1, confirmations = 3, hasSpikes = false, rules, nodes = [passOn], env = {} } = traits;
  const setting: ChainSetting = {
    rules: { ...USUAL_RULES, ...rules },
    endpoints: (nodeUrl) => openEndpoints(nodeUrl, nodes),
    workers: WORKERS,
    env: { CHAIN_POLL_MS: '250', ...env },
  };
  return { name, what, ratio, confirmations, hasSpikes, setting };
}

async function openEndpoints(nodeUrl: string, rules: readonly Rule[]): Promise<Endpoints> {
  const proxies = await Promise.all(rules.map((rule) => RuledRpc.open(nodeUrl, rule)));
  const sum = (of: (proxy: RuledRpc) => number): number =>
    proxies.reduce((total, each) => total + of(each), 0);
  return {
    urls: proxies.map(({ url }) => url),
    counts: () => ({
      requests: sum(({ requests }) => requests),
      'requests that a provider refused': sum(({ refused }) => refused),
    }),
    close: async () => {
      await Promise.all(proxies.map((each) => each.close()));
    },
  };
}

export const PROFILES: readonly ChainProfile[] = [
  profile('mainnet-like', {
    what: '12 s, base fee that jumps',
    ratio: 8,
    hasSpikes: true,
    rules: { blockMs: 1_500 },
  }),
  profile('Arbitrum-like', {
    what: '0.25 s, less than 60,000 gas is refused',
    confirmations: 12,
    rules: { blockMs: 250 },
    nodes: [gasForData],
  }),
  profile('OP-like', {
    what: '2 s, a fee for data',
    ratio: 4,
    rules: { weiPerByte: WEI_PER_BYTE },
    nodes: [dataFee(WEI_PER_BYTE)],
  }),
  profile('legacy fees', { what: 'no base fee', ratio: 6, rules: { hardfork: 'berlin' } }),
  profile('two nodes out of step', {
    what: 'two endpoints, one 2 blocks behind',
    ratio: 4,
    nodes: [behind(2n), passOn],
  }),
  profile('pruning provider', { what: 'state of the last 2 blocks only', ratio: 4, nodes: [pruning(2n)] }),
  profile('rate-limited provider', {
    what: '30 requests a second, then 429',
    ratio: 4,
    nodes: [rateLimited(30)],
  }),
];
