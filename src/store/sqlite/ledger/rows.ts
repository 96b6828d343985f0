/** The ledger's rows, and the one place where they become its types: what this store wrote is not validated again. */
import type {
  AttemptKind,
  Halt,
  NonceReservation,
  NonceOutcome,
  ReservationState,
  Spending,
} from '../../ledger.ts';

export const ACCOUNT_COLUMNS = 'lanes.no AS lane_no, genesis, base, next, halted';

export interface AccountRow {
  readonly lane_no: number;
  readonly genesis: string;
  readonly base: number;
  readonly next: number;
  readonly halted: string | null;
}

export const RESERVATION_COLUMNS = `slots.no AS slot_no, nonce, order_id, epoch, slots.state, spends, outcome,
  (SELECT json_group_array(hash ORDER BY n) FROM attempts WHERE attempts.slot_no = slots.no) AS hashes`;

export interface ReservationRow {
  readonly slot_no: number;
  readonly nonce: number;
  readonly order_id: string;
  readonly epoch: number;
  readonly state: ReservationState;
  readonly spends: string | null;
  readonly outcome: string | null;
  readonly hashes: string;
}

export interface AttemptRow {
  readonly nonce: number;
  readonly hash: string;
  readonly kind: AttemptKind;
  readonly max_fee_per_gas: string;
  readonly max_priority_fee_per_gas: string;
  readonly bytes: string;
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

export function toHalt(json: string): Halt {
  return JSON.parse(json) as Halt;
}
