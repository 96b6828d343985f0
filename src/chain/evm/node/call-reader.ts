/** What calls would do, use and cost on the chain as it is now, and why a mined one reverted. Nothing is sent. */
import { BaseError, type Address, type Hash, type Hex, type PublicClient } from 'viem';
import { L1_FEE_ORACLE, pricedTransaction } from '../../../abis/l1-fee-oracle.ts';
import { revertDataOf } from '../../../abis/revert.ts';
import { isRefusal } from '../../../rpc/refusal.ts';
import { isUnanswered, request, requestOrNull, unavailable } from './node-failure.ts';
import { estimateCall, simulateCall, type SimulatedCall, type Simulation } from './simulate-call.ts';

/** Of a transfer of ether: the least that a transaction uses. */
const TRANSFER_GAS = 21_000n;

/** On a rollup that charges for data: the contract that tells how much. */
export interface L1FeeOracle {
  readonly address: Address;
  readonly chainId: number;
}

export interface CallReader {
  /** What a call would return, or the data that it would revert with. */
  simulate(call: SimulatedCall): Promise<Simulation>;
  /** What a call would use; null: it would revert. */
  estimateGas(call: SimulatedCall): Promise<bigint | null>;
  /** What the chain charges for the call's data beside its gas, in wei. */
  dataFee(call: { readonly to: Address; readonly data: Hex }): Promise<bigint>;
  /**
   * The gas limit of a transfer of nothing from the signer to itself: 21,000 on most chains, more where the chain counts its data or its
   * rollup's costs as gas.
   */
  transferGas(address: Address): Promise<bigint>;
  /** The revert data of a mined transaction, from calling it again at its block; '0x': unknown, as where the node has pruned it. */
  revertData(hash: Hash): Promise<Hex>;
}

/** @returns throws EffectError `wait` where the node gives no answer */
export function callReader(
  client: Pick<PublicClient, 'call' | 'estimateGas' | 'getTransaction' | 'readContract'>,
  l1FeeOracle: L1FeeOracle | null,
): CallReader {
  return {
    simulate: (call) => request(() => simulateCall(client, call)),

    estimateGas: (call) => request(() => estimateCall(client, call)),

    async dataFee(call) {
      if (l1FeeOracle === null) return 0n;
      const { address, chainId } = l1FeeOracle;
      const args = [pricedTransaction(chainId, call)] as const;
      const asked = { address, abi: L1_FEE_ORACLE, functionName: 'getL1Fee', args } as const;
      return request(() => client.readContract(asked));
    },

    async transferGas(address) {
      try {
        const gas = await client.estimateGas({ account: address, to: address, value: 0n });
        return gas <= TRANSFER_GAS ? TRANSFER_GAS : (gas * 5n) / 4n;
      } catch (thrown) {
        if (!(thrown instanceof BaseError)) throw thrown;
        if (isUnanswered(thrown)) throw unavailable(thrown);
        return TRANSFER_GAS;
      }
    },

    async revertData(hash) {
      const sent = await requestOrNull(() => client.getTransaction({ hash }), isRefusal);
      if (sent?.blockNumber == null || sent.to === null) return '0x';
      for (const blockNumber of [sent.blockNumber, sent.blockNumber - 1n]) {
        const data = await client
          .call({
            account: sent.from,
            to: sent.to,
            data: sent.input,
            value: sent.value,
            gas: sent.gas,
            blockNumber,
          })
          .then(() => null, revertDataOf);
        if (data !== null) return data;
      }
      return '0x';
    },
  };
}
