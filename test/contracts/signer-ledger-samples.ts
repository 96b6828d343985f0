/** Lanes, owners and attempts for the ledger's contract: as real as the ledger looks at them, and told apart by random ids. */
import { randomBytes } from 'node:crypto';
import type {
  Attempt,
  OpenState,
  SignerLedger,
  Slot,
  SlotOutcome,
  SlotOwner,
  Spending,
} from '../../src/store/ledger.ts';
import { anOrderId } from './order-store-samples.ts';

export const GENESIS = `0x${'9e'.repeat(32)}`;
/** More than any test takes. */
export const WIDE = { window: 1_000, spends: null };

export function hex(bytes: number): string {
  return `0x${randomBytes(bytes).toString('hex')}`;
}

export function aLane(): string {
  return `31337:${hex(20)}`;
}

export function anOwner(epoch = 1): SlotOwner {
  return { orderId: anOrderId(), epoch };
}

export function owners(count: number): readonly SlotOwner[] {
  return Array.from({ length: count }, () => anOwner());
}

export function spending(): Spending {
  return {
    token: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
    amount: '115792089237316195423570985008687907853',
  };
}

export function anOutcome(over: Partial<SlotOutcome> = {}): SlotOutcome {
  return { hash: hex(32), kind: 'swap', status: 'success', block: 19_000_001, ...over };
}

export function anAttempt(lane: string, slot: Slot, over: Partial<Attempt> = {}): Attempt {
  return {
    hash: hex(32),
    lane,
    orderId: slot.orderId,
    epoch: slot.epoch,
    nonce: slot.nonce,
    kind: 'swap',
    bytes: hex(300),
    maxFeePerGas: '30000000000',
    maxPriorityFeePerGas: '1000000000',
    ...over,
  };
}

export async function openedLane(ledger: SignerLedger, base = 7): Promise<string> {
  const lane = aLane();
  await ledger.lanes.open(lane, GENESIS, base);
  return lane;
}

export async function taken(
  ledger: SignerLedger,
  lane: string,
  owner: SlotOwner = anOwner(),
  rules: { readonly window: number; readonly spends: Spending | null } = WIDE,
): Promise<Slot> {
  const answer = await ledger.slots.take(lane, owner, rules);
  if (answer.outcome !== 'taken') throw new Error(`lane ${lane}: expected a slot, it is ${answer.outcome}`);
  return answer.slot;
}

/** So many slots, one after the other. */
export async function takenInOrder(ledger: SignerLedger, lane: string, count: number): Promise<Slot[]> {
  const slots: Slot[] = [];
  for (const owner of owners(count)) slots.push(await taken(ledger, lane, owner));
  return slots;
}

/** A slot that was brought to this state. */
export async function takenIn(ledger: SignerLedger, lane: string, state: OpenState): Promise<Slot> {
  const slot = await taken(ledger, lane);
  const path: Record<OpenState, readonly OpenState[]> = {
    reserved: ['reserved'],
    armed: ['reserved', 'armed'],
    cancelling: ['reserved', 'armed', 'cancelling'],
    void: ['reserved', 'void'],
  };
  for (const [step, to] of path[state].entries()) {
    const from = path[state][step - 1];
    if (from !== undefined) await ledger.slots.move(lane, slot, from, to);
  }
  return found(ledger, lane, slot);
}

export async function found(ledger: SignerLedger, lane: string, owner: SlotOwner): Promise<Slot> {
  const slot = await ledger.slots.find(lane, owner);
  if (slot === null) throw new Error(`lane ${lane}: order ${owner.orderId} has no slot`);
  return slot;
}

/** The numbers `from`, `from + 1` and so on, so many. */
export function counted(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

export function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((one, other) => one - other);
}
