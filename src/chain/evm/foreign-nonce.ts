/** Who used a nonce that no receipt of ours accounts for: found on the chain, never concluded. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { NonceReservation, NonceOutcome } from '../../store/ledger.ts';
import type { FoundTransaction } from './node/chain-node.ts';
import { accountIdOf, type EvmDeps, type AccountDeps, type SignerIdentity } from './deps.ts';
import { halted, type TransactionSigner } from './signing/transaction-signer.ts';

/**
 * Looks for the transaction that used the reservation's nonce for good. One of ours: its receipt will come. Not ours: somebody
 * else has the key, and the signer is halted until somebody has looked (`resume-signer`).
 * @returns how the reservation was closed meanwhile
 * @throws EffectError `wait` in any other case: nothing is decided on absence of evidence, and nothing on a foreign
 * transaction, which another installation may have signed for the same order
 */
export async function askWhoUsed(
  deps: EvmDeps,
  signer: TransactionSigner,
  reservation: NonceReservation,
): Promise<NonceOutcome> {
  const { ledger, log, chainId } = deps;
  const accountId = accountIdOf(chainId, signer.address);
  const known = (await ledger.accounts.read(accountId)).halted;
  if (known !== null) throw halted(known);
  const { hash, block } = await foreignUserOf(deps, signer, reservation);
  // The halt for it may have been lifted while this looked.
  const outcome = (await ledger.reservations.find(accountId, reservation))?.outcome ?? null;
  if (outcome !== null) return outcome;
  const message = `nonce ${reservation.nonce} of ${signer.address} was used by ${hash} in block ${block}, which Fillstream did not sign: somebody else has this key`;
  log.error(
    { accountId, hash, nonce: reservation.nonce },
    'signer halted: a foreign transaction used its nonce',
  );
  const halt = { code: 'foreign_transaction', message };
  await ledger.accounts.halt(accountId, halt);
  throw halted(halt);
}

/**
 * The transaction that used the reservation's nonce, and is none of ours.
 * @throws EffectError `wait` when it cannot be found, or is ours
 */
export async function foreignUserOf(
  deps: AccountDeps,
  signer: SignerIdentity,
  reservation: NonceReservation,
): Promise<FoundTransaction> {
  const which = `nonce ${reservation.nonce} of ${signer.address}`;
  const user = await userOf(deps, signer, reservation.nonce);
  if (user === null) {
    throw new EffectError('wait', 'nonce_used', `The chain says that ${which} is used, and not yet by what`);
  }
  const now = await deps.ledger.reservations.find(accountIdOf(deps.chainId, signer.address), reservation);
  if (now?.hashes.includes(user.hash) !== true) return user;
  throw new EffectError(
    'wait',
    'receipt_missing',
    `${user.hash} used ${which}; its receipt is not there yet`,
  );
}

/** By bisection over blocks: in which one did the count of used nonces pass this one? Null: the node does not say. */
async function userOf(
  { node }: AccountDeps,
  { address }: SignerIdentity,
  nonce: number,
): Promise<FoundTransaction | null> {
  const { number: head } = await node.head();
  if ((await node.nonceOf(address, head)) <= nonce) return null;
  let used = head;
  let step = 1n;
  let unused = used;
  do {
    unused = unused > step ? unused - step : 0n;
    step *= 2n;
  } while (unused > 0n && (await node.nonceOf(address, unused)) > nonce);
  while (used - unused > 1n) {
    const middle = (used + unused) / 2n;
    if ((await node.nonceOf(address, middle)) > nonce) used = middle;
    else unused = middle;
  }
  return node.userOfNonce(address, nonce, used);
}
