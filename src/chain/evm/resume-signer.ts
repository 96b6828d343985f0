/** Lets a halted signer sign again, once somebody has looked at what else was signed with its key. */
import type { SlotOutcome, SlotOwner } from '../../store/ledger.ts';
import { laneOf, type LaneDeps, type LaneHolder } from './evm-deps.ts';
import { foreignUserOf } from './foreign-nonce.ts';
import { asHex } from './signing.ts';
import { standingOfSlot } from './standing.ts';

/**
 * Closes the nonces that foreign transactions have used for good, and lifts the halt. The orders that had them go on with
 * another nonce: whoever calls this says that none of these transactions executed one of them. Repeating it does no harm.
 * @returns what used them
 * @throws EffectError `wait` when the node does not say
 */
export async function resumeSigner(deps: LaneDeps, signer: LaneHolder): Promise<readonly SlotOutcome[]> {
  const { ledger, node } = deps;
  const name = laneOf(deps.chainId, signer.address);
  const found: SlotOutcome[] = [];
  for (const slot of (await ledger.lanes.read(name)).open) await closeIfForeign(slot);
  await ledger.lanes.halt(name, null);
  await takeThoseThatNobodyHad();
  return found;

  async function closeIfForeign(owner: SlotOwner): Promise<void> {
    const slot = await ledger.slots.find(name, owner);
    if (slot === null) return;
    const standing = await standingOfSlot(deps, signer, slot);
    if (standing.at !== 'used' || !standing.isFinal) return;
    const { hash, block } = await foreignUserOf(deps, signer, slot);
    const status = (await node.receipt(asHex(hash)))?.status ?? 'success';
    const outcome = { hash, kind: 'foreign', status, block: Number(block) } as const;
    await ledger.slots.close(name, [{ ...owner, outcome }]);
    found.push(outcome);
  }

  /** Nonces that were used before any order took them: the next orders would run into them, one by one. */
  async function takeThoseThatNobodyHad(): Promise<void> {
    const { number: head } = await node.head();
    const final = head - BigInt(deps.settings.confirmations);
    const used = final < 0n ? 0 : await node.nonceOf(signer.address, final);
    const { base, open } = await ledger.lanes.read(name);
    for (let nonce = base + open.length; nonce < used; nonce += 1) {
      const owner = { orderId: `foreign:${nonce}`, epoch: 1 };
      await ledger.slots.take(name, owner, { window: used - base, spends: null });
      await closeIfForeign(owner);
    }
  }
}
