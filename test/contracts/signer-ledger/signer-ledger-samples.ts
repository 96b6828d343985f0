/** Accounts, owners and attempts for the ledger's contract: as complete as the ledger needs them, with random ids. */
import type {
  Attempt,
  OpenState,
  SignerLedger,
  NonceReservation,
  NonceOutcome,
  ReservationOwner,
  Spending,
} from '../../../src/store/ledger.ts';
import { drawHex } from '../../support/seeded-random.ts';
import { anOrderId, idDraws } from '../order-store/order-store-samples.ts';

export const GENESIS = `0x${'9e'.repeat(32)}`;
/** More than any test takes. */
export const WIDE = { window: 1_000, spends: null };

export function hex(bytes: number): string {
  return `0x${drawHex(idDraws(), bytes)}`;
}

export function anAccount(): string {
  return `31337:${hex(20)}`;
}

export function anOwner(epoch = 1): ReservationOwner {
  return { orderId: anOrderId(), epoch };
}

export function owners(count: number): readonly ReservationOwner[] {
  return Array.from({ length: count }, () => anOwner());
}

export function spending(): Spending {
  return {
    token: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
    amount: '115792089237316195423570985008687907853',
  };
}

export function anOutcome(over: Partial<NonceOutcome> = {}): NonceOutcome {
  return { hash: hex(32), kind: 'swap', status: 'success', block: 19_000_001, ...over };
}

export function anAttempt(
  accountId: string,
  reservation: NonceReservation,
  over: Partial<Attempt> = {},
): Attempt {
  return {
    hash: hex(32),
    accountId,
    orderId: reservation.orderId,
    epoch: reservation.epoch,
    nonce: reservation.nonce,
    kind: 'swap',
    bytes: hex(300),
    maxFeePerGas: '30000000000',
    maxPriorityFeePerGas: '1000000000',
    ...over,
  };
}

export async function openedAccount(ledger: SignerLedger, base = 7): Promise<string> {
  const accountId = anAccount();
  await ledger.accounts.open(accountId, GENESIS, base);
  return accountId;
}

export async function taken(
  ledger: SignerLedger,
  accountId: string,
  owner: ReservationOwner = anOwner(),
  rules: { readonly window: number; readonly spends: Spending | null } = WIDE,
): Promise<NonceReservation> {
  const answer = await ledger.reservations.take(accountId, owner, rules);
  if (answer.outcome !== 'taken')
    throw new Error(`account ${accountId}: expected a reservation, it is ${answer.outcome}`);
  return answer.reservation;
}

/** So many reservations, one after the other. */
export async function takenInOrder(
  ledger: SignerLedger,
  accountId: string,
  count: number,
): Promise<NonceReservation[]> {
  const reservations: NonceReservation[] = [];
  for (const owner of owners(count)) reservations.push(await taken(ledger, accountId, owner));
  return reservations;
}

/** A reservation that was brought to this state. */
export async function takenIn(
  ledger: SignerLedger,
  accountId: string,
  state: OpenState,
): Promise<NonceReservation> {
  const reservation = await taken(ledger, accountId);
  const path: Record<OpenState, readonly OpenState[]> = {
    reserved: ['reserved'],
    armed: ['reserved', 'armed'],
    cancelling: ['reserved', 'armed', 'cancelling'],
    void: ['reserved', 'void'],
  };
  for (const [step, to] of path[state].entries()) {
    const from = path[state][step - 1];
    if (from !== undefined) await ledger.reservations.move(accountId, reservation, from, to);
  }
  return found(ledger, accountId, reservation);
}

export async function found(
  ledger: SignerLedger,
  accountId: string,
  owner: ReservationOwner,
): Promise<NonceReservation> {
  const reservation = await ledger.reservations.find(accountId, owner);
  if (reservation === null)
    throw new Error(`account ${accountId}: order ${owner.orderId} has no reservation`);
  return reservation;
}

/** The numbers `from`, `from + 1` and so on, so many. */
export function counted(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

export function ascending(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((one, other) => one - other);
}
