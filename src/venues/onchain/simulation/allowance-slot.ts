/**
 * The storage slot of a token's allowance, so that a swap can be simulated as if it were granted. ERC-20 does not specify it, so
 * all usual slots are overridden at once, each with a different value; the one that `allowance` returns identifies the slot.
 */
import { encodeAbiParameters, keccak256, numberToHex, type Address, type Hex } from 'viem';
import { ERC20 } from '../../../abis/erc20.ts';
import { revertDataOf } from '../../../abis/revert.ts';
import { takesNoOverride } from '../rpc-failure.ts';
import type { VenueClient } from '../venue-client.ts';

/** The slot of the allowance of this owner for this spender; null: it is not a usual slot, or the node does not override state. */
export type AllowanceSlot = (token: Address, owner: Address, spender: Address) => Promise<Hex | null>;

/** Slots of the mapping: as compilers number variables, and that of OpenZeppelin's upgradeable tokens (5) (ERC-7201). */
const MAPPING_SLOTS: readonly bigint[] = [
  ...Array.from({ length: 64 }, (_, slot) => BigInt(slot)),
  0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace01n,
];
/** Above any real allowance except an unlimited one, so that no real answer is mistaken for a marker. */
const MARKER = 2n ** 250n;

type SlotOf = (owner: Address, spender: Address) => Hex;

/** Solidity hashes the key before the slot, Vyper the slot before the key. */
const LAYOUTS: readonly SlotOf[] = MAPPING_SLOTS.flatMap((place) => [
  (owner, spender) => {
    const ofOwner = hashed(['address', 'uint256'], [owner, place]);
    return hashed(['address', 'uint256'], [spender, BigInt(ofOwner)]);
  },
  (owner, spender) => {
    const ofOwner = hashed(['uint256', 'address'], [place, owner]);
    return hashed(['uint256', 'address'], [BigInt(ofOwner), spender]);
  },
]);

export function allowanceSlots(client: VenueClient): AllowanceSlot {
  const layouts = new Map<Address, Promise<SlotOf | null>>();

  async function find(token: Address, owner: Address, spender: Address): Promise<SlotOf | null> {
    const marks = LAYOUTS.map((slotOf, index) => ({
      slot: slotOf(owner, spender),
      value: numberToHex(MARKER + BigInt(index), { size: 32 }),
    }));
    try {
      const answer = await client.readContract({
        address: token,
        abi: ERC20,
        functionName: 'allowance',
        args: [owner, spender],
        stateOverride: [{ address: token, stateDiff: marks }],
      });
      return LAYOUTS[Number(answer - MARKER)] ?? null;
    } catch (thrown) {
      if (revertDataOf(thrown) !== null || takesNoOverride(thrown)) return null;
      throw thrown;
    }
  }

  return async (token, owner, spender) => {
    let layout = layouts.get(token);
    if (layout === undefined) {
      layout = find(token, owner, spender);
      layouts.set(token, layout);
      layout.catch(() => layouts.delete(token));
    }
    return (await layout)?.(owner, spender) ?? null;
  };
}

function hashed(
  types: readonly ['address', 'uint256'] | readonly ['uint256', 'address'],
  values: readonly [Address, bigint] | readonly [bigint, Address],
): Hex {
  const words = types.map((type) => ({ type }));
  return keccak256(encodeAbiParameters(words, [...values]));
}
