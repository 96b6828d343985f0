/** The ledger's documents, and the one place where they become its types. */
import type {
  Attempt,
  Halt,
  SignerAccount,
  NonceReservation,
  NonceOutcome,
  ReservationOwner,
  ReservationState,
  Spending,
} from '../../ledger.ts';

/** One signer on one chain. Fields are absent, never null, where they do not apply. */
export interface AccountDocument {
  readonly _id: string;
  readonly genesis: string;
  readonly base: number;
  /** The nonce of each is `base` + its index. */
  readonly open: readonly ReservationDocument[];
  readonly halted?: Halt;
}

export interface ReservationDocument extends ReservationOwner {
  readonly state: ReservationState;
  readonly hashes: readonly string[];
  readonly spends?: Spending;
  readonly outcome?: NonceOutcome;
}

/** A closed reservation, written before it leaves its account: by its id, so that finding it is one lookup. */
export interface SettledDocument extends ReservationOwner {
  readonly _id: string;
  readonly lane: string;
  readonly nonce: number;
  readonly hashes: readonly string[];
  readonly spends?: Spending;
  readonly outcome: NonceOutcome;
}

/** `_id`: its hash. */
export type AttemptDocument = Omit<Attempt, 'hash' | 'accountId'> & {
  readonly _id: string;
  readonly lane: string;
};

export function settledId(accountId: string, { orderId, epoch }: ReservationOwner): string {
  return `${accountId}/${orderId}/${epoch}`;
}

export function toAccount({ _id: accountId, genesis, base, open, halted }: AccountDocument): SignerAccount {
  return {
    accountId,
    genesis,
    base,
    open: open.map((reservation, index) => toReservation(reservation, base + index)),
    halted: halted ?? null,
  };
}

/** The reservation of this owner; null: not among the open ones. */
export function openReservationOf(
  { base, open }: AccountDocument,
  { orderId, epoch }: ReservationOwner,
): NonceReservation | null {
  const index = open.findIndex(
    (reservation) => reservation.orderId === orderId && reservation.epoch === epoch,
  );
  const reservation = open[index];
  return reservation === undefined ? null : toReservation(reservation, base + index);
}

export function settledToReservation({ nonce, ...reservation }: SettledDocument): NonceReservation {
  return toReservation({ ...reservation, state: 'closed' }, nonce);
}

/** Its named fields alone: a document with any other is refused. */
export function toAttemptDocument({
  hash: _id,
  accountId: lane,
  orderId,
  epoch,
  nonce,
  kind,
  bytes,
  maxFeePerGas,
  maxPriorityFeePerGas,
}: Attempt): AttemptDocument {
  return { _id, lane, orderId, epoch, nonce, kind, bytes, maxFeePerGas, maxPriorityFeePerGas };
}

export function toAttempt({ _id: hash, lane: accountId, ...attempt }: AttemptDocument): Attempt {
  return { hash, accountId, ...attempt };
}

function toReservation(
  { orderId, epoch, state, hashes, spends, outcome }: ReservationDocument,
  nonce: number,
): NonceReservation {
  return { orderId, epoch, nonce, state, hashes, spends: spends ?? null, outcome: outcome ?? null };
}
