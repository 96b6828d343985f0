/**
 * What the chain says of a slot. It is asked for the receipts of everything that was ever signed for it, and only then how
 * many nonces are used: that a receipt is missing proves nothing.
 */
import type { TransactionReceipt } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Attempt, Slot, SlotOutcome, SlotOwner } from '../../store/ledger.ts';
import { laneOf, type LaneDeps, type LaneHolder } from './evm-deps.ts';
import { asHex } from './signing.ts';

export type Standing = { readonly slot: Slot; readonly attempts: readonly Attempt[] } &
  /** The nonce is free. */
  (
    | { readonly at: 'unused'; readonly isNext: boolean }
    /** One of ours used the nonce. */
    | {
        readonly at: 'mined';
        readonly attempt: Attempt;
        readonly receipt: TransactionReceipt;
        readonly isFinal: boolean;
      }
    /** It is used, and no receipt of ours is to be had. `isFinal`: it will stay so. */
    | { readonly at: 'used'; readonly isFinal: boolean }
    /** The ledger knows how it ended. */
    | { readonly at: 'closed'; readonly outcome: SlotOutcome }
  );

/** @throws EffectError `wait` when there is no such slot, or the node gives no answer */
export async function standingOf(deps: LaneDeps, signer: LaneHolder, owner: SlotOwner): Promise<Standing> {
  const slot = await deps.ledger.slots.find(laneOf(deps.chainId, signer.address), owner);
  if (slot === null) {
    throw new EffectError(
      'wait',
      'slot_unknown',
      "The signer's ledger does not know this order: it cannot be told whether it executed",
    );
  }
  return standingOfSlot(deps, signer, slot);
}

export async function standingOfSlot(deps: LaneDeps, signer: LaneHolder, slot: Slot): Promise<Standing> {
  if (slot.outcome !== null) return { at: 'closed', slot, attempts: [], outcome: slot.outcome };
  const { node, settings } = deps;
  const confirmations = BigInt(settings.confirmations);
  const { number: head } = await node.head();
  const first = await findReceipt(deps, signer, slot);
  const mined = (found: Found): Standing => ({
    at: 'mined',
    slot,
    ...found,
    isFinal: head - found.receipt.blockNumber >= confirmations,
  });
  if (first.found !== null) return mined({ ...first.found, attempts: first.attempts });

  const next = await node.nonceOf(signer.address);
  if (next <= slot.nonce)
    return { at: 'unused', slot, attempts: first.attempts, isNext: next === slot.nonce };
  // Another process may have signed meanwhile, and a receipt may have come: both are read again after the nonce.
  const second = await findReceipt(deps, signer, slot);
  if (second.found !== null) return mined({ ...second.found, attempts: second.attempts });
  const finalHead = head - confirmations;
  const isFinal = finalHead >= 0n && (await node.nonceOf(signer.address, finalHead)) > slot.nonce;
  return { at: 'used', slot, attempts: second.attempts, isFinal };
}

interface Found {
  readonly attempts: readonly Attempt[];
  readonly attempt: Attempt;
  readonly receipt: TransactionReceipt;
}

async function findReceipt(
  { ledger, node, chainId }: LaneDeps,
  signer: LaneHolder,
  slot: Slot,
): Promise<{ readonly attempts: readonly Attempt[]; readonly found: Omit<Found, 'attempts'> | null }> {
  const attempts = await ledger.attempts.of(laneOf(chainId, signer.address), slot);
  const receipts = await Promise.all(attempts.map(({ hash }) => node.receipt(asHex(hash))));
  for (const [index, receipt] of receipts.entries()) {
    const attempt = attempts[index];
    if (receipt !== null && attempt !== undefined) return { attempts, found: { attempt, receipt } };
  }
  return { attempts, found: null };
}

export function outcomeOf({ attempt, receipt }: Pick<Found, 'attempt' | 'receipt'>): SlotOutcome {
  return {
    hash: attempt.hash,
    kind: attempt.kind,
    status: receipt.status,
    block: Number(receipt.blockNumber),
  };
}
