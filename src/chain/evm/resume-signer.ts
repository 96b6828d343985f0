/** Lets a halted signer sign again, once somebody has looked at what else was signed with its key. */
import type { NonceOutcome, ReservationOwner } from '../../store/ledger.ts';
import { accountIdOf, type AccountDeps, type SignerIdentity } from './deps.ts';
import { foreignUserOf } from './foreign-nonce.ts';
import { asHex } from './sign-and-store.ts';
import { nonceStatusOf } from './nonce-status.ts';

/**
 * Closes the nonces that foreign transactions have used for good, and lifts the halt. The orders that had them go on with
 * another nonce: whoever calls this says that none of these transactions executed one of them. Repeating it does no harm.
 * @returns what used them
 * @throws EffectError `wait` when the node does not say
 */
export async function resumeSigner(
  deps: AccountDeps,
  signer: SignerIdentity,
): Promise<readonly NonceOutcome[]> {
  const { ledger, node } = deps;
  const name = accountIdOf(deps.chainId, signer.address);
  const found: NonceOutcome[] = [];
  for (const reservation of (await ledger.accounts.read(name)).open) await closeIfForeign(reservation);
  await ledger.accounts.halt(name, null);
  await takeThoseThatNobodyHad();
  return found;

  async function closeIfForeign(owner: ReservationOwner): Promise<void> {
    const reservation = await ledger.reservations.find(name, owner);
    if (reservation === null) return;
    const nonceStatus = await nonceStatusOf(deps, signer, reservation);
    if (nonceStatus.at !== 'used' || !nonceStatus.isFinal) return;
    const { hash, block } = await foreignUserOf(deps, signer, reservation);
    const status = (await node.receipt(asHex(hash)))?.status ?? 'success';
    const outcome = { hash, kind: 'foreign', status, block: Number(block) } as const;
    await ledger.reservations.close(name, [{ ...owner, outcome }]);
    found.push(outcome);
  }

  /** Nonces that were used before any order took them: the next orders would run into them, one by one. */
  async function takeThoseThatNobodyHad(): Promise<void> {
    const { number: head } = await node.head();
    const final = head - BigInt(deps.settings.confirmations);
    const used = final < 0n ? 0 : await node.nonceOf(signer.address, final);
    const { base, open } = await ledger.accounts.read(name);
    for (let nonce = base + open.length; nonce < used; nonce += 1) {
      const owner = { orderId: `foreign:${nonce}`, epoch: 1 };
      await ledger.reservations.take(name, owner, { window: used - base, spends: null });
      await closeIfForeign(owner);
    }
  }
}
