/**
 * Lets the local market's routers take the signers' tokens, so that the first orders do not wait for approvals. The allowances
 * are written into the tokens' storage: an approval would be a transaction of the signer, and its nonces belong to the ledger
 * from the moment that the account is opened. Storage has no nonce, so this can run at every start, in several processes at
 * once, while swaps are in flight. An allowance that is missing anyway (a restarted chain lost it) is granted through the ledger.
 */
import {
  encodeAbiParameters,
  keccak256,
  maxUint256,
  numberToHex,
  parseAbiParameters,
  type Address,
  type Hex,
} from 'viem';
import { ERC20 } from '../../../abis/erc20.ts';
import { openLocalClient, type LocalClient } from '../local-client.ts';
import type { LocalChain, LocalToken } from '../local-chain.ts';
import { WETH } from './market.ts';

interface Allowance {
  readonly token: LocalToken;
  readonly owner: Address;
  readonly spender: Address;
}

/** Where WETH9 and OpenZeppelin's ERC20 (3.4) declare the mapping of owner to spender to amount. */
const WETH9_ALLOWANCES_SLOT = 4n;
const ERC20_ALLOWANCES_SLOT = 1n;
/** OpenZeppelin's ERC20 takes each transfer off an unlimited allowance, too; this much is never used up. */
const AS_GOOD_AS_UNLIMITED = maxUint256 / 2n;

/**
 * Gives each signer an unlimited allowance for each token at each router where it has less. Repeating it changes nothing.
 * @throws Error when a token does not report what was written
 */
export async function grantAllowances(
  rpcUrl: string,
  chain: LocalChain,
  signers: readonly Address[],
): Promise<void> {
  const client = openLocalClient(rpcUrl);
  await Promise.all(signers.map((signer) => grantTo(client, chain, signer)));
}

async function grantTo(client: LocalClient, chain: LocalChain, owner: Address): Promise<void> {
  const all = chain.exchanges.flatMap(({ router }) =>
    chain.tokens.map((token) => ({ token, owner, spender: router })),
  );
  const granted = await lacking(client, chain, all);
  if (granted.length === 0) return;
  await Promise.all(
    granted.map((allowance) =>
      client.setStorageAt({
        address: allowance.token.address,
        index: slotOf(allowance),
        value: numberToHex(maxUint256, { size: 32 }),
      }),
    ),
  );
  const [failed] = await lacking(client, chain, granted);
  if (failed === undefined) return;
  throw new Error(
    `the allowance of ${owner} for ${failed.token.symbol} at ${failed.spender} was written and is not there: expected it in storage slot ${slotOf(failed)}`,
  );
}

/** Those that are not as good as unlimited, read in one call. */
async function lacking(
  client: LocalClient,
  { multicall3 }: LocalChain,
  allowances: readonly Allowance[],
): Promise<readonly Allowance[]> {
  const amounts = await client.multicall({
    contracts: allowances.map(({ token, owner, spender }) => ({
      address: token.address,
      abi: ERC20,
      functionName: 'allowance' as const,
      args: [owner, spender] as const,
    })),
    multicallAddress: multicall3,
    allowFailure: false,
    batchSize: 0,
  });
  return allowances.filter((_, index) => (amounts[index] ?? 0n) < AS_GOOD_AS_UNLIMITED);
}

/** As Solidity places the value of a nested mapping. */
function slotOf({ token, owner, spender }: Allowance): Hex {
  const mapping = token.symbol === WETH.symbol ? WETH9_ALLOWANCES_SLOT : ERC20_ALLOWANCES_SLOT;
  return mappedSlot(spender, BigInt(mappedSlot(owner, mapping)));
}

function mappedSlot(key: Address, mapping: bigint): Hex {
  return keccak256(encodeAbiParameters(parseAbiParameters('address, uint256'), [key, mapping]));
}
