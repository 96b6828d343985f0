/** The ledger's documents, and the one place where they become its types. */
import type { Attempt, Halt, Lane, Slot, SlotOutcome, SlotOwner, SlotState, Spending } from '../ledger.ts';

/** One signer on one chain. Fields are absent, never null, where they do not apply. */
export interface LaneDocument {
  readonly _id: string;
  readonly genesis: string;
  readonly base: number;
  /** The nonce of each is `base` + its index. */
  readonly open: readonly SlotDocument[];
  readonly halted?: Halt;
}

export interface SlotDocument extends SlotOwner {
  readonly state: SlotState;
  readonly hashes: readonly string[];
  readonly spends?: Spending;
  readonly outcome?: SlotOutcome;
}

/** A closed slot, written before it leaves its lane: by its id, so that finding it is one lookup. */
export interface SettledDocument extends SlotOwner {
  readonly _id: string;
  readonly lane: string;
  readonly nonce: number;
  readonly hashes: readonly string[];
  readonly spends?: Spending;
  readonly outcome: SlotOutcome;
}

/** `_id`: its hash. */
export type AttemptDocument = Omit<Attempt, 'hash'> & { readonly _id: string };

export function settledId(lane: string, { orderId, epoch }: SlotOwner): string {
  return `${lane}/${orderId}/${epoch}`;
}

export function toLane({ _id: lane, genesis, base, open, halted }: LaneDocument): Lane {
  return {
    lane,
    genesis,
    base,
    open: open.map((slot, index) => toSlot(slot, base + index)),
    halted: halted ?? null,
  };
}

/** The slot of this owner; null: none of the open ones is. */
export function openSlotOf({ base, open }: LaneDocument, { orderId, epoch }: SlotOwner): Slot | null {
  const index = open.findIndex((slot) => slot.orderId === orderId && slot.epoch === epoch);
  const slot = open[index];
  return slot === undefined ? null : toSlot(slot, base + index);
}

export function settledToSlot({ nonce, ...slot }: SettledDocument): Slot {
  return toSlot({ ...slot, state: 'closed' }, nonce);
}

export function toAttempt({ _id: hash, ...attempt }: AttemptDocument): Attempt {
  return { hash, ...attempt };
}

function toSlot({ orderId, epoch, state, hashes, spends, outcome }: SlotDocument, nonce: number): Slot {
  return { orderId, epoch, nonce, state, hashes, spends: spends ?? null, outcome: outcome ?? null };
}
