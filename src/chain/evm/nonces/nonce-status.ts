/**
 * The status of a reservation's nonce on the chain. What the tracked blocks hold is looked for first, without a request. Otherwise
 * the transaction count says whether the nonce is used, and then the receipts of all that was signed for it are asked for: a
 * transaction that no block is known to hold, or a missing receipt, proves nothing.
 */
import type { Hash, TransactionReceipt } from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { Attempt, NonceReservation, NonceOutcome, ReservationOwner } from '../../../store/ledger.ts';
import { accountIdOf, type AccountContext, type SignerAddress } from '../submitter-context.ts';
import { asHex } from '../sign-and-store.ts';

export type NonceStatus = { readonly reservation: NonceReservation; readonly attempts: readonly Attempt[] } &
  /** The nonce is not used. */
  (
    | { readonly at: 'unused'; readonly isNext: boolean }
    /** One of ours used the nonce. */
    | {
        readonly at: 'mined';
        readonly attempt: Attempt;
        readonly receipt: TransactionReceipt;
        readonly isFinal: boolean;
      }
    /** It is used, and the node has no receipt of ours. `isFinal`: it will stay used. */
    | { readonly at: 'used'; readonly isFinal: boolean }
    /** The ledger holds its outcome. */
    | { readonly at: 'closed'; readonly outcome: NonceOutcome }
  );

/** @throws EffectError `wait` when there is no such reservation, or the node gives no answer */
export async function findNonceStatus(
  context: AccountContext,
  signer: SignerAddress,
  owner: ReservationOwner,
): Promise<NonceStatus> {
  const reservation = await context.ledger.reservations.find(
    accountIdOf(context.chainId, signer.address),
    owner,
  );
  if (reservation === null) {
    throw new EffectError(
      'wait',
      'slot_unknown',
      "The signer's ledger has no reservation of this order: whether it executed is unknown",
    );
  }
  return readNonceStatus(context, signer, reservation);
}

export async function readNonceStatus(
  context: AccountContext,
  signer: SignerAddress,
  reservation: NonceReservation,
): Promise<NonceStatus> {
  if (reservation.outcome !== null)
    return { at: 'closed', reservation, attempts: [], outcome: reservation.outcome };
  const { node, settings } = context;
  await node.head();
  const first = await findReceipt(
    context,
    signer,
    reservation,
    ({ hash }) => node.blockOf(asHex(hash)) !== null,
    (hash) => node.receipt(hash),
  );
  const mined = async (found: Found): Promise<NonceStatus> => ({
    at: 'mined',
    reservation,
    ...found,
    isFinal: await isFinal(context, found),
  });
  if (first.found !== null) return mined({ ...first.found, attempts: first.attempts });

  const next = await node.transactionCount(signer.address);
  if (next <= reservation.nonce)
    return { at: 'unused', reservation, attempts: first.attempts, isNext: next === reservation.nonce };
  // Another process may have signed meanwhile, and a receipt may have come: both are read again after the nonce.
  const second = await findReceipt(context, signer, reservation, () => true, node.minedReceipt);
  if (second.found !== null) return mined({ ...second.found, attempts: second.attempts });
  const finalHead = (await node.head()).number - BigInt(settings.confirmations);
  const isUsedForGood =
    finalHead >= 0n && (await node.transactionCount(signer.address, finalHead)) > reservation.nonce;
  return { at: 'used', reservation, attempts: second.attempts, isFinal: isUsedForGood };
}

interface Found {
  readonly attempts: readonly Attempt[];
  readonly attempt: Attempt;
  readonly receipt: TransactionReceipt;
}

/**
 * Whether the receipt's block lies deep enough below the head of the chain that holds it. A receipt and a head may come from
 * two nodes: the depth counts along parent hashes, not as a difference of heights. What frees the order to swap again, or ends it
 * as unfilled, waits for the chain's own finality as well, where it has one, and for a second endpoint, where there is one.
 */
async function isFinal({ node, settings }: AccountContext, { attempt, receipt }: Found): Promise<boolean> {
  const { blockNumber: number, blockHash: hash } = receipt;
  const place = await node.placeOf({ number, hash });
  if (place.at !== 'chain' || place.depth < BigInt(settings.confirmations)) return false;
  if (!isUnfilled({ attempt, receipt })) return true;
  const finalized = settings.finality === 'confirmations' ? null : await node.finalized();
  return (finalized === null || number <= finalized) && (await node.isAgreed(receipt));
}

/** Whether the order may swap again, or end, because of it. */
export function isUnfilled({ attempt, receipt }: Pick<Found, 'attempt' | 'receipt'>): boolean {
  return attempt.kind === 'cancel' || (attempt.kind === 'swap' && receipt.status === 'reverted');
}

async function findReceipt(
  { ledger, node, chainId }: AccountContext,
  signer: SignerAddress,
  reservation: NonceReservation,
  mayBeMined: (attempt: Attempt) => boolean,
  receiptOf: (hash: Hash) => Promise<TransactionReceipt | null>,
): Promise<{ readonly attempts: readonly Attempt[]; readonly found: Omit<Found, 'attempts'> | null }> {
  const attempts = await ledger.attempts.of(accountIdOf(chainId, signer.address), reservation);
  const asked = attempts.filter(mayBeMined);
  const receipts = await Promise.all(asked.map(({ hash }) => receiptOf(asHex(hash))));
  for (const [index, receipt] of receipts.entries()) {
    const attempt = asked[index];
    if (receipt === null || attempt === undefined) continue;
    const { blockNumber: number, blockHash: hash } = receipt;
    // A node on a branch that lost still has receipts of it.
    if ((await node.placeOf({ number, hash })).at !== 'branch')
      return { attempts, found: { attempt, receipt } };
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
