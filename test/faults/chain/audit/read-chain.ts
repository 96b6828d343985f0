/** Reads the signers' transactions and receipts from all blocks of the chain. */
import { parseEventLogs, type Address, type Hash, type Log } from 'viem';
import { ERC20 } from '../../../../src/abis/erc20.ts';
import type { LocalChain } from '../../../../src/chain/local/local-chain.ts';
import type { LocalClient } from '../../../../src/chain/local/local-client.ts';

const APPROVE = '0x095ea7b3';
const AT_ONCE = 50n;

export interface Moved {
  readonly token: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
}

/** `nothing`: a transfer of nothing to itself, which uses a nonce up. */
export type Doing = 'swap' | 'approve' | 'nothing' | 'something else';

/** Addresses in lower case. */
export interface SignersTransaction {
  readonly hash: Hash;
  readonly signer: string;
  readonly nonce: number;
  readonly block: bigint;
  readonly doing: Doing;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly moved: readonly Moved[];
}

export async function readSignersTransactions(
  client: LocalClient,
  { exchanges }: LocalChain,
  signers: readonly Address[],
  after: bigint,
): Promise<readonly SignersTransaction[]> {
  const routers = new Set(exchanges.map(({ router }) => router.toLowerCase()));
  const ours = new Set(signers.map((signer) => signer.toLowerCase()));
  const head = await client.getBlockNumber();
  const found: SignersTransaction[] = [];
  for (let first = after + 1n; first <= head; first += AT_ONCE) {
    const numbers = Array.from({ length: Number(AT_ONCE) }, (_, index) => first + BigInt(index));
    const blocks = await Promise.all(
      numbers
        .filter((number) => number <= head)
        .map((blockNumber) => client.getBlock({ blockNumber, includeTransactions: true })),
    );
    for (const { transactions } of blocks) {
      for (const { hash, from, to, input, nonce, blockNumber } of transactions) {
        if (!ours.has(from)) continue;
        const receipt = await client.getTransactionReceipt({ hash });
        found.push({
          hash,
          signer: from,
          nonce,
          block: blockNumber,
          doing: doingOf(to, input),
          succeeded: receipt.status === 'success',
          gasUsed: receipt.gasUsed,
          moved: transfersIn(receipt.logs),
        });
      }
    }
  }
  return found;

  function doingOf(to: Address | null, input: string): Doing {
    const callee = to?.toLowerCase() ?? '';
    if (routers.has(callee)) return 'swap';
    if (ours.has(callee) && input === '0x') return 'nothing';
    return input.startsWith(APPROVE) ? 'approve' : 'something else';
  }
}

function transfersIn(logs: readonly Log[]): readonly Moved[] {
  return parseEventLogs({ abi: ERC20, eventName: 'Transfer', logs: [...logs] }).map(({ address, args }) => ({
    token: address.toLowerCase(),
    from: args.from.toLowerCase(),
    to: args.to.toLowerCase(),
    amount: args.value,
  }));
}

/** By `account token`, in lower case. */
export type Balances = ReadonlyMap<string, bigint>;

export async function readBalances(
  client: LocalClient,
  { tokens }: LocalChain,
  accounts: readonly string[],
): Promise<Balances> {
  const pairs = accounts.flatMap((account) => tokens.map(({ address }) => [account, address] as const));
  const amounts = await Promise.all(
    pairs.map(([account, address]) =>
      client.readContract({
        address,
        abi: ERC20,
        functionName: 'balanceOf',
        args: [`0x${account.slice(2)}`],
      }),
    ),
  );
  return new Map(
    pairs.map(([account, address], index) => [balanceKey(account, address), amounts[index] ?? 0n]),
  );
}

export function balanceKey(account: string, token: string): string {
  return `${account} ${token}`.toLowerCase();
}
