/** A lane with each way in which a slot can lie in it. */
import type { SignerLedger, Slot } from '../../src/store/ledger.ts';
import { anAttempt, anOutcome, anOwner, openedLane, spending, taken } from './signer-ledger-samples.ts';

/** Ten slots from `base`: five that have left it, then one reserved, closed, armed, cancelling, and void. */
export async function filledLane(
  ledger: SignerLedger,
  base: number,
): Promise<{ readonly lane: string; readonly slots: readonly Slot[] }> {
  const lane = await openedLane(ledger, base);
  const slots: Slot[] = [];
  for (let n = 0; n < 10; n += 1) {
    const rules = { window: 100, spends: n % 2 === 0 ? spending() : null };
    slots.push(await taken(ledger, lane, anOwner(1 + (n % 3)), rules));
  }
  const attempts = [1, 1, 1, 1, 1, 0, 1, 2, 3, 0];
  for (const [n, slot] of slots.entries()) {
    for (let count = 0; count < (attempts[n] ?? 0); count += 1) {
      const kind = (['swap', 'approve', 'cancel'] as const)[count] ?? 'swap';
      await ledger.attempts.keep(anAttempt(lane, slot, { kind }), ['reserved']);
    }
    if (n < 5 || n === 6)
      await ledger.slots.close(lane, [{ ...slot, outcome: anOutcome({ block: 100 + n }) }]);
    if (n === 7 || n === 8) await ledger.slots.move(lane, slot, 'reserved', 'armed');
    if (n === 8) await ledger.slots.move(lane, slot, 'armed', 'cancelling');
    if (n === 9) await ledger.slots.move(lane, slot, 'reserved', 'void');
  }
  await ledger.lanes.halt(lane, { code: 'x', message: 'somebody must look' });
  return { lane, slots };
}
