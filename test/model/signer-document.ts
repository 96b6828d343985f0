/** Reading and writing the signer's document: a slot's nonce is `base` plus its index. */
import { including, type Hash, type Signer, type Slot } from './ledger-state.ts';

/** The slot of a nonce; undefined where it left the document, or was never taken. */
export function slotAt({ base, open }: Signer, nonce: number): Slot | undefined {
  return open[nonce - base];
}

export function withSlot(signer: Signer, nonce: number, changed: Slot): Signer {
  return { ...signer, open: signer.open.with(nonce - signer.base, changed) };
}

export function naming(slot: Slot, ...hashes: readonly Hash[]): Slot {
  return { ...slot, hashes: including(slot.hashes, ...hashes) };
}
