/** A call on the chain as it is now, without a transaction. Both throw what viem throws when the node does not answer. */
import type { Address, Hex, PublicClient } from 'viem';
import { revertDataOf } from '../../../abis/revert.ts';

export interface SimulatedCall {
  readonly from: Address;
  readonly to: Address;
  readonly data: Hex;
  readonly value?: bigint;
}

/** What the call returns, or the data that it reverts with ('0x' where there is none). */
export type Simulation = { readonly returned: Hex } | { readonly reverted: Hex };

export async function simulateCall(
  client: Pick<PublicClient, 'call'>,
  { from, ...call }: SimulatedCall,
): Promise<Simulation> {
  try {
    const { data } = await client.call({ account: from, ...call });
    return { returned: data ?? '0x' };
  } catch (thrown) {
    const reverted = revertDataOf(thrown);
    if (reverted === null) throw thrown;
    return { reverted };
  }
}

export async function estimateCall(
  client: Pick<PublicClient, 'estimateGas'>,
  { from, ...call }: SimulatedCall,
): Promise<bigint | null> {
  try {
    return await client.estimateGas({ account: from, ...call });
  } catch (thrown) {
    if (revertDataOf(thrown) === null) throw thrown;
    return null;
  }
}
