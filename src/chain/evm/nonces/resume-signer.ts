/** Lets a halted signer sign again, once an operator has looked at what else was signed with its key. */
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { NonceOutcome, ReservationOwner } from '../../../store/ledger.ts';
import { accountIdOf, type AccountContext, type SignerAddress } from '../submitter-context.ts';
import { findForeignTransaction } from './foreign-transaction.ts';
import { asHex } from '../sign-and-store.ts';
import { CHAIN_TOOK_BACK, tookBackMessage, usedBelowBase } from './taken-back.ts';
import { readNonceStatus } from './nonce-status.ts';

/**
 * Closes the nonces that foreign transactions have used for good, and lifts the halt. The orders that had them go on with
 * another nonce: the caller asserts that none of these transactions executed one of them. Repeating it is safe.
 * @returns what used them
 * @throws EffectError `wait` when the node does not have them, or while the chain has used fewer nonces than the ledger has closed
 */
export async function resumeSigner(
  context: AccountContext,
  signer: SignerAddress,
): Promise<readonly NonceOutcome[]> {
  const { ledger, node } = context;
  const accountId = accountIdOf(context.chainId, signer.address);
  const closed: NonceOutcome[] = [];
  const account = await ledger.accounts.read(accountId);
  const used = await usedBelowBase(context, signer, account);
  if (used !== null) {
    const message = tookBackMessage(signer.address, used, account.base);
    throw new EffectError(
      'wait',
      CHAIN_TOOK_BACK,
      `${message}. The signer stays halted until they are mined again`,
    );
  }
  for (const reservation of account.open) await closeIfForeign(reservation);
  await ledger.accounts.halt(accountId, null);
  await closeUnassignedNonces();
  return closed;

  async function closeIfForeign(owner: ReservationOwner): Promise<void> {
    const reservation = await ledger.reservations.find(accountId, owner);
    if (reservation === null) return;
    const found = await readNonceStatus(context, signer, reservation);
    if (found.at !== 'used' || !found.isFinal) return;
    const { hash, block } = await findForeignTransaction(context, signer, reservation);
    const receipt = await node.receipt(asHex(hash));
    if (receipt !== null && !(await node.isAgreed(receipt))) {
      throw new EffectError(
        'wait',
        'views_differ',
        `Two endpoints do not agree on ${hash} yet: nothing is closed`,
      );
    }
    const status = receipt?.status ?? 'success';
    const outcome = { hash, kind: 'foreign', status, block: Number(block) } as const;
    await ledger.reservations.close(accountId, [{ ...owner, outcome }]);
    closed.push(outcome);
  }

  /** Nonces that were used without a reservation: the next orders would take them, one by one. */
  async function closeUnassignedNonces(): Promise<void> {
    const { number: head } = await node.head();
    const final = head - BigInt(context.settings.confirmations);
    const used = final < 0n ? 0 : await node.transactionCount(signer.address, final);
    const { base, open } = await ledger.accounts.read(accountId);
    for (let nonce = base + open.length; nonce < used; nonce += 1) {
      const owner = { orderId: `foreign:${nonce}`, epoch: 1 };
      await ledger.reservations.take(accountId, owner, { window: used - base, spends: null });
      await closeIfForeign(owner);
    }
  }
}
