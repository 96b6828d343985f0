/** Which signers an operator has to look at: those that sign nothing, and those that can pay for few more swaps. */
import type { Address } from 'viem';
import { NATIVE_COIN } from '../../../../machines/native-coin.ts';
import { estimateFees } from '../sign-and-store.ts';
import { accountIdOf, type SignerAddress, type SubmitterContext } from '../submitter-context.ts';
import { SWAP_GAS } from './choose-signer.ts';

export interface SignerState {
  readonly address: Address;
  readonly isHalted: boolean;
  /** Its ether pays for fewer than ten swaps, at the highest fee that is offered now. */
  readonly isLow: boolean;
}

const FEW_SWAPS = 10n;
/** Monitors may ask each second: the node is asked at most this often. */
const ETHER_AGE_MS = 15_000;

/** @returns throws EffectError where the node gives no answer, StoreUnavailable */
export function signerStates(
  context: SubmitterContext,
  signers: readonly SignerAddress[],
): () => Promise<readonly SignerState[]> {
  const { node, ledger, chainId, log } = context;
  const addresses = signers.map(({ address }) => address);
  let last: { readonly at: number; readonly low: Promise<ReadonlySet<Address>> } | null = null;
  let told: ReadonlySet<Address> = new Set();

  async function readLow(): Promise<ReadonlySet<Address>> {
    const [balances, { maxFeePerGas }] = await Promise.all([
      node.balances(NATIVE_COIN, addresses),
      estimateFees(context),
    ]);
    const few = FEW_SWAPS * SWAP_GAS * maxFeePerGas;
    const low = new Set(addresses.filter((_, index) => (balances[index]?.ether ?? 0n) < few));
    for (const [index, address] of addresses.entries()) {
      if (!low.has(address) || told.has(address)) continue;
      const wei = String(balances[index]?.ether ?? 0n);
      log.warn({ address, wei, expected: String(few) }, 'a signer has ether for few more swaps');
    }
    told = low;
    return low;
  }

  function lowOnEther(): Promise<ReadonlySet<Address>> {
    const now = performance.now();
    if (last === null || now - last.at >= ETHER_AGE_MS) {
      const asked = { at: now, low: readLow() };
      last = asked;
      asked.low.catch(() => {
        if (last === asked) last = null;
      });
    }
    return last.low;
  }

  return async () => {
    const low = await lowOnEther();
    return Promise.all(
      addresses.map(async (address) => {
        const { halted } = await ledger.accounts.read(accountIdOf(chainId, address));
        return { address, isHalted: halted !== null, isLow: low.has(address) };
      }),
    );
  };
}
