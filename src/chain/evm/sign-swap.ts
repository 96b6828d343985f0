/** Takes the slot of (order, epoch), signs for it, and stores what was signed. Nothing is sent. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Effects, TransactionRef } from '../../../machines/order/types.ts';
import type { Attempt, Slot, SlotOwner } from '../../store/ledger.ts';
import type { Execution } from '../port.ts';
import { allow } from './allow.ts';
import { laneOf, type EvmDeps } from './evm-deps.ts';
import { callOf, isSameCall, presentFees, signAndKeep, swapCall, type Call } from './signing.ts';
import { halted, type TransactionSigner } from './transaction-signer.ts';

export async function signSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  { terms, swap, epoch }: Effects['sign']['input'],
  { signal }: Execution,
): Promise<Effects['sign']['output']> {
  signal.throwIfAborted();
  const { ledger, passCrashPoint } = deps;
  const lane = laneOf(deps.chainId, signer.address);
  const owner = { orderId: terms.orderId, epoch };
  const call = swapCall(swap);
  const known = await ledger.slots.find(lane, owner);
  if (known === null) await allow(deps, signer, owner, swap);
  const slot = known ?? (await takeSlot(deps, lane, owner, swap));
  passCrashPoint('submitter.allocated');

  const before = await signedFor(deps, lane, slot, call);
  if (before !== null) return { transaction: referenceTo(signer, before) };
  if (slot.state !== 'reserved') throw slotFailure(slot, signer);
  signal.throwIfAborted();
  const fees = await presentFees(deps);
  await signAndKeep(deps, { signer, slot, kind: 'swap', call, fees, allowed: ['reserved'] });
  // Of two that sign at once, at two fees, both go on with what the slot names first.
  const named = await signedFor(deps, lane, slot, call);
  if (named !== null) return { transaction: referenceTo(signer, named) };
  throw slotFailure((await ledger.slots.find(lane, owner)) ?? slot, signer);
}

async function takeSlot(
  { ledger, settings }: EvmDeps,
  lane: string,
  owner: SlotOwner,
  { spends }: Effects['sign']['input']['swap'],
): Promise<Slot> {
  const taken = await ledger.slots.take(lane, owner, {
    window: settings.window,
    spends: spends === null ? null : { token: spends.token, amount: spends.amount },
  });
  switch (taken.outcome) {
    case 'taken':
      return taken.slot;
    case 'halted':
      throw halted(taken.halt);
    case 'full':
      throw new EffectError(
        'wait',
        'signer_busy',
        `${settings.window} transactions of the signer are on their way, which is the limit`,
      );
  }
}

/** The first that was signed for this slot with this call. */
async function signedFor(
  { ledger }: EvmDeps,
  lane: string,
  slot: SlotOwner,
  call: Call,
): Promise<Attempt | null> {
  const attempts = await ledger.attempts.of(lane, slot);
  return attempts.find((each) => each.kind === 'swap' && isSameCall(callOf(each), call)) ?? null;
}

export function referenceTo(signer: TransactionSigner, { hash, nonce, epoch }: Attempt): TransactionRef {
  return { hash, signer: signer.address, nonce, epoch };
}

/** What it means for an order to find its slot beyond use before it has submitted anything from it. */
function slotFailure({ state, nonce }: Slot, { address }: TransactionSigner): EffectError {
  const which = `Nonce ${nonce} of ${address}`;
  return state === 'void' || state === 'closed'
    ? new EffectError('replace', 'slot_lost', `${which} was given up: another is needed`)
    : new EffectError('retry', `slot_${state}`, `${which} is ${state}: the receipt decides`);
}
