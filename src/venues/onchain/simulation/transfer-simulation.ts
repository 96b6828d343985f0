/**
 * What arrives of a token that a pool sends, seen by simulating the transfer: some tokens keep a part of each. The pool's account has the
 * code of `received-probe.ts` in the simulation, so that no signer, balance or allowance is needed. All transfers that are asked for in one
 * turn of the event loop are one request.
 */
import { encodeFunctionData, multicall3Abi, type Address } from 'viem';
import { ERC20 } from '../../../abis/erc20.ts';
import { revertDataOf } from '../../../abis/revert.ts';
import { MicroBatcher } from '../../../runtime/micro-batcher.ts';
import type { Clock } from '../../../runtime/time.ts';
import { takesNoOverride } from '../rpc-failure.ts';
import type { VenueClient } from '../venue-client.ts';
import { decodeProbe, encodeProbe, RECEIVED_PROBE } from './received-probe.ts';

export interface Transfer {
  readonly token: Address;
  /** Has at least `amount` of it. */
  readonly pool: Address;
  readonly recipient: Address;
  readonly amount: bigint;
}

/**
 * Base units that would arrive. Null: the node does not override code, or the token would revert.
 * @throws what viem throws where the node gives no answer
 */
export type SimulateTransfer = (transfer: Transfer) => Promise<bigint | null>;

/** For so long a token that kept nothing of what a pool sent is taken to keep nothing. An order's swap is simulated itself. */
export const KEEPS_NOTHING_MS = 300_000;
/** In one request: each uses some 100,000 gas. */
const MOST_AT_ONCE = 50;

export function transferSimulation(client: VenueClient, clock: Clock): SimulateTransfer {
  const keptNothingAt = new Map<string, number>();
  /** Whether the transfer that is simulated now keeps nothing. */
  const underWay = new Map<string, Promise<boolean>>();
  const batches = new MicroBatcher<Transfer, bigint | null>(simulate, { maxBatch: MOST_AT_ONCE });

  async function simulate(transfers: readonly Transfer[]): Promise<readonly (bigint | null)[]> {
    const pools = new Set(transfers.map(({ pool }) => pool));
    try {
      const answers = await client.readContract({
        address: client.chain.contracts.multicall3.address,
        abi: multicall3Abi,
        functionName: 'aggregate3',
        args: [transfers.map(callOf)],
        stateOverride: [...pools].map((pool) => ({ address: pool, code: RECEIVED_PROBE })),
      });
      return answers.map(({ success, returnData }) =>
        success && returnData !== '0x' ? decodeProbe(returnData).received : null,
      );
    } catch (thrown) {
      if (takesNoOverride(thrown) || revertDataOf(thrown) !== null) return transfers.map(() => null);
      throw thrown;
    }
  }

  return async (transfer) => {
    const key = `${transfer.token} ${transfer.pool}`;
    const at = keptNothingAt.get(key);
    if (at !== undefined && clock.now() - at < KEEPS_NOTHING_MS) return transfer.amount;
    const before = underWay.get(key);
    if (before !== undefined && (await before)) return transfer.amount;
    const asked = batches.add(transfer);
    if (before === undefined) {
      const keepsNothing = asked.then(
        (arrives) => arrives === transfer.amount,
        () => false,
      );
      underWay.set(
        key,
        keepsNothing.finally(() => underWay.delete(key)),
      );
    }
    const arrives = await asked;
    if (arrives === transfer.amount) keptNothingAt.set(key, clock.now());
    else keptNothingAt.delete(key);
    return arrives;
  };
}

function callOf({ token, pool, recipient, amount }: Transfer) {
  const data = encodeFunctionData({ abi: ERC20, functionName: 'transfer', args: [recipient, amount] });
  return { target: pool, allowFailure: true, callData: encodeProbe({ token, recipient, to: token, data }) };
}
