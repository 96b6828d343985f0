/**
 * What the chain says of a reservation. It is asked for the receipts of everything that was ever signed for it, and only then how
 * many nonces are used: that a receipt is missing proves nothing.
 */
import type { TransactionReceipt } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Attempt, NonceReservation, NonceOutcome, ReservationOwner } from '../../store/ledger.ts';
import { accountIdOf, type AccountDeps, type SignerIdentity } from './deps.ts';
import { asHex } from './sign-and-store.ts';

export type NonceStatus = { readonly reservation: NonceReservation; readonly attempts: readonly Attempt[] } &
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
    | { readonly at: 'closed'; readonly outcome: NonceOutcome }
  );

/** @throws EffectError `wait` when there is no such reservation, or the node gives no answer */
export async function findNonceStatus(
  deps: AccountDeps,
  signer: SignerIdentity,
  owner: ReservationOwner,
): Promise<NonceStatus> {
  const reservation = await deps.ledger.reservations.find(accountIdOf(deps.chainId, signer.address), owner);
  if (reservation === null) {
    throw new EffectError(
      'wait',
      'slot_unknown',
      "The signer's ledger does not know this order: it cannot be told whether it executed",
    );
  }
  return nonceStatusOf(deps, signer, reservation);
}

export async function nonceStatusOf(
  deps: AccountDeps,
  signer: SignerIdentity,
  reservation: NonceReservation,
): Promise<NonceStatus> {
  if (reservation.outcome !== null)
    return { at: 'closed', reservation, attempts: [], outcome: reservation.outcome };
  const { node, settings } = deps;
  const confirmations = BigInt(settings.confirmations);
  const { number: head } = await node.head();
  const first = await findReceipt(deps, signer, reservation);
  const mined = (found: Found): NonceStatus => ({
    at: 'mined',
    reservation,
    ...found,
    isFinal: head - found.receipt.blockNumber >= confirmations,
  });
  if (first.found !== null) return mined({ ...first.found, attempts: first.attempts });

  const next = await node.nonceOf(signer.address);
  if (next <= reservation.nonce)
    return { at: 'unused', reservation, attempts: first.attempts, isNext: next === reservation.nonce };
  // Another process may have signed meanwhile, and a receipt may have come: both are read again after the nonce.
  const second = await findReceipt(deps, signer, reservation);
  if (second.found !== null) return mined({ ...second.found, attempts: second.attempts });
  const finalHead = head - confirmations;
  const isFinal = finalHead >= 0n && (await node.nonceOf(signer.address, finalHead)) > reservation.nonce;
  return { at: 'used', reservation, attempts: second.attempts, isFinal };
}

interface Found {
  readonly attempts: readonly Attempt[];
  readonly attempt: Attempt;
  readonly receipt: TransactionReceipt;
}

async function findReceipt(
  { ledger, node, chainId }: AccountDeps,
  signer: SignerIdentity,
  reservation: NonceReservation,
): Promise<{ readonly attempts: readonly Attempt[]; readonly found: Omit<Found, 'attempts'> | null }> {
  const attempts = await ledger.attempts.of(accountIdOf(chainId, signer.address), reservation);
  const receipts = await Promise.all(attempts.map(({ hash }) => node.receipt(asHex(hash))));
  for (const [index, receipt] of receipts.entries()) {
    const attempt = attempts[index];
    if (receipt !== null && attempt !== undefined) return { attempts, found: { attempt, receipt } };
  }
  return { attempts, found: null };
}

export function outcomeOf({ attempt, receipt }: Pick<Found, 'attempt' | 'receipt'>): NonceOutcome {
  return {
    hash: attempt.hash,
    kind: attempt.kind,
    status: receipt.status,
    block: Number(receipt.blockNumber),
  };
}
