/** Finds the transaction that used a nonce without a receipt of ours: read from the chain, never inferred. */
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { NonceReservation, NonceOutcome } from '../../../store/ledger.ts';
import type { MinedTransaction } from '../node/chain-node.ts';
import {
  accountIdOf,
  type SubmitterContext,
  type AccountContext,
  type SignerAddress,
} from '../submitter-context.ts';
import { signerHalted, type TransactionSigner } from '../signing/transaction-signer.ts';

/**
 * Looks for the transaction that used the reservation's nonce for good. If it is ours, its receipt will come. If it is foreign,
 * the key is used elsewhere, too, and the signer is halted until an operator has looked (`resume-signer`).
 * @returns how the reservation was closed meanwhile
 * @throws EffectError `wait` in any other case: nothing is decided on absence of evidence, and nothing on a foreign
 * transaction, which another installation may have signed for the same order
 */
export async function haltOnForeignTransaction(
  context: SubmitterContext,
  signer: TransactionSigner,
  reservation: NonceReservation,
): Promise<NonceOutcome> {
  const { ledger, log, chainId } = context;
  const accountId = accountIdOf(chainId, signer.address);
  const known = (await ledger.accounts.read(accountId)).halted;
  if (known !== null) throw signerHalted(known);
  const { hash, block } = await findForeignTransaction(context, signer, reservation);
  // An operator may have closed the reservation and lifted the halt meanwhile.
  const outcome = (await ledger.reservations.find(accountId, reservation))?.outcome ?? null;
  if (outcome !== null) return outcome;
  const message = `nonce ${reservation.nonce} of ${signer.address} was used by ${hash} in block ${block}, which Fillstream did not sign: its key is used elsewhere, too`;
  log.error(
    { accountId, hash, nonce: reservation.nonce },
    'signer halted: a foreign transaction used its nonce',
  );
  const halt = { code: 'foreign_transaction', message };
  await ledger.accounts.halt(accountId, halt);
  throw signerHalted(halt);
}

/**
 * The transaction that used the reservation's nonce and that is not ours.
 * @throws EffectError `wait` when it cannot be found, or is ours
 */
export async function findForeignTransaction(
  context: AccountContext,
  signer: SignerAddress,
  reservation: NonceReservation,
): Promise<MinedTransaction> {
  const which = `nonce ${reservation.nonce} of ${signer.address}`;
  const user = await findUserOfNonce(context, signer, reservation.nonce);
  if (user === null) {
    throw new EffectError(
      'wait',
      'nonce_used',
      `${which} is used, and the node does not have the transaction yet`,
    );
  }
  const now = await context.ledger.reservations.find(
    accountIdOf(context.chainId, signer.address),
    reservation,
  );
  if (now?.hashes.includes(user.hash) !== true) return user;
  throw new EffectError(
    'wait',
    'receipt_missing',
    `${user.hash} used ${which}; no endpoint of RPC_URL has its receipt: it is not there yet, or pruned`,
  );
}

/** Bisects the blocks for the one in which the transaction count passed this nonce. Null: the node does not have it. */
async function findUserOfNonce(
  { node }: AccountContext,
  { address }: SignerAddress,
  nonce: number,
): Promise<MinedTransaction | null> {
  const { number: head } = await node.head();
  if ((await node.transactionCount(address, head)) <= nonce) return null;
  let used = head;
  let step = 1n;
  let unused = used;
  do {
    unused = unused > step ? unused - step : 0n;
    step *= 2n;
  } while (unused > 0n && (await node.transactionCount(address, unused)) > nonce);
  while (used - unused > 1n) {
    const middle = (used + unused) / 2n;
    if ((await node.transactionCount(address, middle)) > nonce) used = middle;
    else unused = middle;
  }
  const found = await node.findTransactionByNonce(address, nonce, used);
  if (found === null) return null;
  const { at } = await node.placeOf({ number: found.block, hash: found.blockHash });
  return at === 'chain' ? found : null;
}
