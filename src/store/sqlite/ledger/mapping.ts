/** The ledger's rows, and the one place where they become its types: what this store wrote is not validated again. */
import {
  UnknownAccount,
  type Attempt,
  type AttemptKind,
  type Halt,
  type NonceOutcome,
  type NonceReservation,
  type ReservationOwner,
  type ReservationState,
  type SignerAccount,
  type Spending,
} from '../../ledger.ts';

export const ACCOUNT_COLUMNS = 'lanes.no AS account_no, genesis, base, next, halted';

export interface AccountRow {
  readonly account_no: number;
  readonly genesis: string;
  readonly base: number;
  readonly next: number;
  readonly halted: string | null;
}

export const RESERVATION_COLUMNS = `slots.no AS reservation_no, nonce, order_id, epoch, slots.state, spends, outcome,
  (SELECT json_group_array(hash ORDER BY n) FROM attempts WHERE attempts.slot_no = slots.no) AS hashes`;

export interface ReservationRow {
  readonly reservation_no: number;
  readonly nonce: number;
  readonly order_id: string;
  readonly epoch: number;
  readonly state: ReservationState;
  readonly spends: string | null;
  readonly outcome: string | null;
  readonly hashes: string;
}

/** An account with its open reservations; one row without a reservation where none is open. */
export const READ_ACCOUNT_SQL = `SELECT ${ACCOUNT_COLUMNS}, ${RESERVATION_COLUMNS}
  FROM lanes LEFT JOIN slots ON slots.lane_no = lanes.no AND nonce >= base
  WHERE lane = ? ORDER BY nonce`;

export type AccountReservationRow = AccountRow & (ReservationRow | { readonly nonce: null });

/** The attempts that a reservation names, in the order of signing. */
export const ATTEMPTS_SQL = `SELECT nonce, hash, kind, max_fee_per_gas, max_priority_fee_per_gas, bytes
  FROM lanes JOIN slots ON slots.lane_no = lanes.no JOIN attempts ON attempts.slot_no = slots.no
  WHERE lane = ? AND order_id = ? AND epoch = ? ORDER BY n`;

export interface AttemptRow {
  readonly nonce: number;
  readonly hash: string;
  readonly kind: AttemptKind;
  readonly max_fee_per_gas: string;
  readonly max_priority_fee_per_gas: string;
  readonly bytes: string;
}

/** @throws UnknownAccount where there is no row */
export function toAccount(accountId: string, rows: readonly AccountReservationRow[]): SignerAccount {
  const [first] = rows;
  if (first === undefined) throw new UnknownAccount(accountId);
  return {
    accountId,
    genesis: first.genesis,
    base: first.base,
    open: rows.flatMap((row) => (row.nonce === null ? [] : [toReservation(row)])),
    halted: first.halted === null ? null : toHalt(first.halted),
  };
}

export function toReservation(row: ReservationRow): NonceReservation {
  return {
    orderId: row.order_id,
    epoch: row.epoch,
    nonce: row.nonce,
    state: row.state,
    hashes: JSON.parse(row.hashes) as string[],
    spends: row.spends === null ? null : (JSON.parse(row.spends) as Spending),
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as NonceOutcome),
  };
}

export function toAttempt(accountId: string, { orderId, epoch }: ReservationOwner, row: AttemptRow): Attempt {
  return {
    accountId,
    orderId,
    epoch,
    nonce: row.nonce,
    hash: row.hash,
    kind: row.kind,
    maxFeePerGas: row.max_fee_per_gas,
    maxPriorityFeePerGas: row.max_priority_fee_per_gas,
    bytes: row.bytes,
  };
}

export function toHalt(json: string): Halt {
  return JSON.parse(json) as Halt;
}
