/** An account with each way in which a reservation can lie in it. */
import type { SignerLedger, NonceReservation } from '../../src/store/ledger.ts';
import {
  anAttempt,
  anOutcome,
  anOwner,
  openedAccount,
  spending,
  taken,
} from './signer-ledger/signer-ledger-samples.ts';

/** Ten reservations from `base`: five that have left it, then one reserved, closed, armed, cancelling, and void. */
export async function filledAccount(
  ledger: SignerLedger,
  base: number,
): Promise<{ readonly accountId: string; readonly reservations: readonly NonceReservation[] }> {
  const accountId = await openedAccount(ledger, base);
  const reservations: NonceReservation[] = [];
  for (let n = 0; n < 10; n += 1) {
    const rules = { window: 100, spends: n % 2 === 0 ? spending() : null };
    reservations.push(await taken(ledger, accountId, anOwner(1 + (n % 3)), rules));
  }
  const attempts = [1, 1, 1, 1, 1, 0, 1, 2, 3, 0];
  for (const [n, reservation] of reservations.entries()) {
    for (let count = 0; count < (attempts[n] ?? 0); count += 1) {
      const kind = (['swap', 'approve', 'cancel'] as const)[count] ?? 'swap';
      await ledger.attempts.keep(anAttempt(accountId, reservation, { kind }), ['reserved']);
    }
    if (n < 5 || n === 6)
      await ledger.reservations.close(accountId, [
        { ...reservation, outcome: anOutcome({ block: 100 + n }) },
      ]);
    if (n === 7 || n === 8) await ledger.reservations.move(accountId, reservation, 'reserved', 'armed');
    if (n === 8) await ledger.reservations.move(accountId, reservation, 'armed', 'cancelling');
    if (n === 9) await ledger.reservations.move(accountId, reservation, 'reserved', 'void');
  }
  await ledger.accounts.halt(accountId, { code: 'x', message: 'an operator must look' });
  return { accountId, reservations };
}
