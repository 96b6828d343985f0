/** Takes the reservation of (order, epoch), signs for it, and stores what was signed. Nothing is sent. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Effects, TransactionRef, UnsignedSwap } from '../../../machines/order/types.ts';
import type { Attempt, NonceReservation, ReservationOwner } from '../../store/ledger.ts';
import { sleep } from '../../runtime/time.ts';
import type { Execution } from '../port.ts';
import { allow } from './allowance.ts';
import { accountIdOf, type EvmDeps } from './deps.ts';
import { callOf, isSameCall, presentFees, signAndKeep, swapCall, type Call } from './sign-and-store.ts';
import { halted, type TransactionSigner } from './signing/transaction-signer.ts';

export async function signSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  { terms, swap, epoch }: Effects['sign']['input'],
  { signal }: Execution,
): Promise<Effects['sign']['output']> {
  signal.throwIfAborted();
  const { ledger, passCrashPoint } = deps;
  const accountId = accountIdOf(deps.chainId, signer.address);
  const owner = { orderId: terms.orderId, epoch };
  const call = swapCall(swap);
  const known = await ledger.reservations.find(accountId, owner);
  const reservation = known ?? (await takeNonce(deps, signer, { owner, swap, signal }));
  passCrashPoint('submitter.allocated');

  const before = await signedFor(deps, accountId, reservation, call);
  if (before !== null) return { transaction: referenceTo(signer, before) };
  if (reservation.state !== 'reserved') throw reservationFailure(reservation, signer);
  signal.throwIfAborted();
  const fees = await presentFees(deps);
  await signAndKeep(deps, { signer, reservation, kind: 'swap', call, fees, allowed: ['reserved'] });
  // Of two that sign at once, at two fees, both go on with what the reservation names first.
  const named = await signedFor(deps, accountId, reservation, call);
  if (named !== null) return { transaction: referenceTo(signer, named) };
  throw reservationFailure((await ledger.reservations.find(accountId, owner)) ?? reservation, signer);
}

/** An order that finds no room is built anew after this long. Less than signing may take. */
const ROOM_WITHIN_MS = 8_000;
const LOOK_FOR_ROOM_MS = 500;

interface Taking {
  readonly owner: ReservationOwner;
  readonly swap: UnsignedSwap;
  readonly signal: AbortSignal;
}

/** Waits here while the window is full: to build every waiting order anew each time costs more than those that are executed. */
async function takeNonce(
  deps: EvmDeps,
  signer: TransactionSigner,
  { owner, swap, signal }: Taking,
): Promise<NonceReservation> {
  const { ledger, settings, clock } = deps;
  const accountId = accountIdOf(deps.chainId, signer.address);
  const { spends } = swap;
  const rules = {
    window: settings.window,
    spends: spends === null ? null : { token: spends.token, amount: spends.amount },
  };
  const until = clock.now() + ROOM_WITHIN_MS;
  for (;;) {
    await allow(deps, signer, owner, swap);
    const taken = await ledger.reservations.take(accountId, owner, rules);
    if (taken.outcome === 'taken') return taken.reservation;
    if (taken.outcome === 'halted') throw halted(taken.halt);
    do {
      if (clock.now() >= until) throw busy(settings);
      await sleep(LOOK_FOR_ROOM_MS, signal);
    } while ((await ledger.accounts.read(accountId)).open.length >= settings.window);
  }
}

function busy({ window }: EvmDeps['settings']): EffectError {
  return new EffectError(
    'wait',
    'signer_busy',
    `${window} transactions of the signer are on their way, which is the limit`,
  );
}

/** The first that was signed for this reservation with this call. */
async function signedFor(
  { ledger }: EvmDeps,
  accountId: string,
  reservation: ReservationOwner,
  call: Call,
): Promise<Attempt | null> {
  const attempts = await ledger.attempts.of(accountId, reservation);
  return attempts.find((each) => each.kind === 'swap' && isSameCall(callOf(each), call)) ?? null;
}

export function referenceTo(signer: TransactionSigner, { hash, nonce, epoch }: Attempt): TransactionRef {
  return { hash, signer: signer.address, nonce, epoch };
}

/** What it means for an order to find its reservation beyond use before it has submitted anything from it. */
function reservationFailure({ state, nonce }: NonceReservation, { address }: TransactionSigner): EffectError {
  const which = `Nonce ${nonce} of ${address}`;
  return state === 'void' || state === 'closed'
    ? new EffectError('replace', 'slot_lost', `${which} was given up: another is needed`)
    : new EffectError('retry', `slot_${state}`, `${which} is ${state}: the receipt decides`);
}
