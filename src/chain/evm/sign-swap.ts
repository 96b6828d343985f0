/** Takes the reservation of (order, epoch), signs for it, and stores what was signed. Nothing is sent. */
import { NATIVE_COIN } from '../../../machines/native-coin.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Effects, TransactionRef, UnsignedSwap } from '../../../machines/order/types.ts';
import type { Attempt, NonceReservation, ReservationOwner, Spending } from '../../store/ledger.ts';
import { sleep } from '../../runtime/time.ts';
import type { Execution } from '../port.ts';
import { ensureFundsAndAllowance, isStillAllowed, readFunds } from './funds/allowance.ts';
import { ensureEther } from './funds/gas-funds.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { decodeCall, isSameCall, estimateFees, signAndStore, swapCall, type Call } from './sign-and-store.ts';
import { signerHalted, type TransactionSigner } from './signing/transaction-signer.ts';

export async function signSwap(
  context: SubmitterContext,
  signer: TransactionSigner,
  { terms, swap, epoch }: Effects['sign']['input'],
  { signal }: Execution,
): Promise<Effects['sign']['output']> {
  signal.throwIfAborted();
  const { ledger, passCrashPoint } = context;
  const accountId = accountIdOf(context.chainId, signer.address);
  const owner = { orderId: terms.orderId, epoch };
  const call = swapCall(swap);
  const known = await ledger.reservations.find(accountId, owner);
  const { reservation, isAmple } =
    known === null
      ? await reserveNonce(context, signer, { owner, swap, signal })
      : { reservation: known, isAmple: false };
  passCrashPoint('submitter.allocated');

  const before = await findAttempt(context, accountId, reservation, call);
  if (before !== null) return { transaction: transactionRef(signer, before) };
  if (reservation.state !== 'reserved') throw reservationFailure(reservation, signer);
  if (!isAmple && !(await isStillAllowed(context, signer, reservation, swap))) {
    await ledger.reservations.move(accountId, owner, 'reserved', 'void');
    throw allowanceTaken(reservation, signer);
  }
  signal.throwIfAborted();
  const fees = await estimateFees(context);
  await signAndStore(context, { signer, reservation, kind: 'swap', call, fees, allowed: ['reserved'] });
  // Of two workers that sign at once, at different fees, both go on with the attempt that the reservation names first.
  const named = await findAttempt(context, accountId, reservation, call);
  if (named !== null) return { transaction: transactionRef(signer, named) };
  throw reservationFailure((await ledger.reservations.find(accountId, owner)) ?? reservation, signer);
}

/** How long an order waits for room in the window before its swap is built again. Less than the time-out of signing. */
const WINDOW_WAIT_MS = 8_000;
const WINDOW_POLL_MS = 500;

interface ReserveOptions {
  readonly owner: ReservationOwner;
  readonly swap: UnsignedSwap;
  readonly signal: AbortSignal;
}

/** Waits while the window is full: building the swaps of all waiting orders again each time would cost more than executing them. */
async function reserveNonce(
  context: SubmitterContext,
  signer: TransactionSigner,
  { owner, swap, signal }: ReserveOptions,
): Promise<{ readonly reservation: NonceReservation; readonly isAmple: boolean }> {
  const { ledger, settings, clock } = context;
  const accountId = accountIdOf(context.chainId, signer.address);
  const rules = { window: settings.window, spends: spendingOf(swap) };
  const until = clock.now() + WINDOW_WAIT_MS;
  for (;;) {
    const funds = await readFunds(context, signer, swap);
    const { isAmple } = await ensureFundsAndAllowance(context, signer, owner, swap, funds);
    await ensureEther(context, signer, funds, owner, swapCall(swap));
    const taken = await ledger.reservations.take(accountId, owner, rules);
    if (taken.outcome === 'taken') return { reservation: taken.reservation, isAmple };
    if (taken.outcome === 'halted') throw signerHalted(taken.halt);
    do {
      if (clock.now() >= until) throw signerBusy(settings);
      await sleep(WINDOW_POLL_MS, signal);
    } while ((await ledger.accounts.read(accountId)).open.length >= settings.window);
  }
}

/** What the swap takes from its signer beside gas. */
function spendingOf({ spends, value }: UnsignedSwap): Spending | null {
  if (spends !== null) return { token: spends.token, amount: spends.amount };
  return BigInt(value) > 0n ? { token: NATIVE_COIN, amount: value } : null;
}

function allowanceTaken({ nonce }: NonceReservation, { address }: TransactionSigner): EffectError {
  return new EffectError(
    'replace',
    'allowance_taken',
    `What ${address} has granted is used or changed by a nonce before ${nonce}: another nonce is needed`,
  );
}

function signerBusy({ window }: SubmitterContext['settings']): EffectError {
  return new EffectError(
    'wait',
    'signer_busy',
    `${window} transactions of the signer are open, which is the limit`,
  );
}

/** The first that was signed for this reservation with this call. */
async function findAttempt(
  { ledger }: SubmitterContext,
  accountId: string,
  reservation: ReservationOwner,
  call: Call,
): Promise<Attempt | null> {
  const attempts = await ledger.attempts.of(accountId, reservation);
  return attempts.find((each) => each.kind === 'swap' && isSameCall(decodeCall(each), call)) ?? null;
}

export function transactionRef(signer: TransactionSigner, { hash, nonce, epoch }: Attempt): TransactionRef {
  return { hash, signer: signer.address, nonce, epoch };
}

/** Why an order that has not submitted can no longer use its reservation. */
function reservationFailure({ state, nonce }: NonceReservation, { address }: TransactionSigner): EffectError {
  const which = `Nonce ${nonce} of ${address}`;
  return state === 'void' || state === 'closed'
    ? new EffectError('replace', 'slot_lost', `${which} was given up: another is needed`)
    : new EffectError('retry', `slot_${state}`, `${which} is ${state}: the receipt decides`);
}
