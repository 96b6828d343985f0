/**
 * Reads and writes of the simulated chain's file, one statement each. A writing method is called inside a write.
 * The signed bytes go in and never come out: only this file's own chain "sees" them.
 */
import type { LedgerFile } from './ledger-file.ts';

export type ReservationState = 'reserved' | 'armed' | 'cancelling' | 'void' | 'closed';

/** A nonce, and the (order, epoch) it belongs to forever. */
export interface NonceReservation {
  readonly orderId: string;
  readonly epoch: number;
  readonly signer: string;
  readonly nonce: number;
  readonly state: ReservationState;
}

export interface SignedCall {
  readonly kind: 'swap' | 'cancel';
  readonly sellAmount: string;
  readonly minBuyAmount: string;
  readonly quotedBuyAmount: string;
  /** Unix seconds. */
  readonly deadline: number;
}

export interface StoredTransaction extends SignedCall {
  readonly hash: string;
  readonly signer: string;
  readonly nonce: number;
  readonly orderId: string;
  readonly epoch: number;
  /** A rank: of two transactions of one nonce in one block, the higher is taken. */
  readonly fee: number;
  /** `stuck`: sent with too low a fee. `dropped`: sent and forgotten. `settled`: its nonce is used. */
  readonly state: 'signed' | 'pending' | 'stuck' | 'dropped' | 'settled';
  /** Unix milliseconds. */
  readonly sentAt: number | null;
}

export interface Receipt {
  readonly hash: string;
  readonly kind: 'swap' | 'cancel';
  readonly status: 'success' | 'reverted';
  readonly revertReason: string | null;
  readonly executedSellAmount: string;
  readonly executedBuyAmount: string;
  readonly block: number;
  /** Unix milliseconds. */
  readonly minedAt: number;
}

export interface Executed {
  readonly orderId: string;
  readonly count: number;
}

export type SimulatedLedger = ReturnType<typeof simulatedLedger>;

const RESERVATION = 'order_id AS orderId, epoch, signer, nonce, state';
const TRANSACTION = `hash, signer, nonce, order_id AS orderId, epoch, kind, fee, state, sent_at AS sentAt,
  sell_amount AS sellAmount, min_buy_amount AS minBuyAmount, quoted_buy_amount AS quotedBuyAmount, deadline`;
const RECEIPT = `hash, kind, status, revert_reason AS revertReason, executed_sell_amount AS executedSellAmount,
  executed_buy_amount AS executedBuyAmount, block, mined_at AS minedAt`;

type Nonce = Pick<NonceReservation, 'signer' | 'nonce'>;

export function simulatedLedger(db: LedgerFile) {
  const reservation = db.prepare<[string, number], NonceReservation>(
    `SELECT ${RESERVATION} FROM slots WHERE order_id = ? AND epoch = ?`,
  );
  const nextNonce = db.prepare<[string], { nonce: number }>(
    'SELECT coalesce(max(nonce) + 1, 0) AS nonce FROM slots WHERE signer = ?',
  );
  const addReservation = db.prepare(
    'INSERT INTO slots (order_id, epoch, signer, nonce, state) VALUES (?, ?, ?, ?, ?)',
  );
  const setReservationState = db.prepare('UPDATE slots SET state = ? WHERE order_id = ? AND epoch = ?');
  const closeReservation = db.prepare(`UPDATE slots SET state = 'closed' WHERE order_id = ? AND epoch = ?`);
  const addTransaction = db.prepare(
    `INSERT OR IGNORE INTO transactions (signer, nonce, hash, order_id, epoch, kind, fee, bytes, state, sent_at,
       sell_amount, min_buy_amount, quoted_buy_amount, deadline)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'signed', NULL, ?, ?, ?, ?)`,
  );
  const transactionsOf = db.prepare<[string, number], StoredTransaction>(
    `SELECT ${TRANSACTION} FROM transactions WHERE signer = ? AND nonce = ? ORDER BY fee DESC`,
  );
  const setSent = db.prepare(
    'UPDATE transactions SET state = ?, sent_at = ? WHERE signer = ? AND nonce = ? AND hash = ?',
  );
  const settleNonce = db.prepare(`UPDATE transactions SET state = 'settled' WHERE signer = ? AND nonce = ?`);
  const pending = db.prepare<[number], StoredTransaction>(
    `SELECT ${TRANSACTION} FROM transactions WHERE state = 'pending' AND sent_at < ?`,
  );
  const receipt = db.prepare<[string, number], Receipt>(
    `SELECT ${RECEIPT} FROM mined WHERE signer = ? AND nonce = ?`,
  );
  const addReceipt = db.prepare(
    `INSERT INTO mined (signer, nonce, hash, order_id, epoch, kind, status, revert_reason, executed_sell_amount,
       executed_buy_amount, block, mined_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const moveReceipt = db.prepare('UPDATE mined SET block = ?, mined_at = ? WHERE signer = ? AND nonce = ?');
  const dealt = db.prepare<[string, number, string], { count: number }>(
    'SELECT count FROM dealt_faults WHERE order_id = ? AND epoch = ? AND operation = ?',
  );
  const countDealt = db.prepare(
    `INSERT INTO dealt_faults (order_id, epoch, operation, count) VALUES (?, ?, ?, 1)
     ON CONFLICT DO UPDATE SET count = count + 1`,
  );
  const executions = db.prepare<[], Executed>('SELECT order_id AS orderId, count FROM executions');

  return {
    reservation: (orderId: string, epoch: number) => reservation.get(orderId, epoch),

    /** Takes the signer's next nonce: a gap cannot be written. */
    takeNonce(orderId: string, epoch: number, signer: string, state: 'reserved' | 'void'): NonceReservation {
      const nonce = nextNonce.get(signer)?.nonce ?? 0;
      addReservation.run(orderId, epoch, signer, nonce, state);
      return { orderId, epoch, signer, nonce, state };
    },

    moveReservation({ orderId, epoch }: NonceReservation, state: ReservationState): void {
      setReservationState.run(state, orderId, epoch);
    },

    /** Stores what was signed for a reservation; a second time it does nothing. */
    keepSigned(
      at: NonceReservation,
      signed: SignedCall & { hash: string; fee: number },
      bytes: string,
    ): void {
      const { kind, sellAmount, minBuyAmount, quotedBuyAmount, deadline, hash, fee } = signed;
      addTransaction.run(
        ...[at.signer, at.nonce, hash, at.orderId, at.epoch, kind, fee, bytes],
        ...[sellAmount, minBuyAmount, quotedBuyAmount, deadline],
      );
    },

    /** All that was signed for a nonce, highest fee first. */
    transactionsOf: ({ signer, nonce }: Nonce) => transactionsOf.all(signer, nonce),

    keepSent(sent: StoredTransaction, state: 'pending' | 'stuck' | 'dropped', sentAt: number): void {
      setSent.run(state, sentAt, sent.signer, sent.nonce, sent.hash);
    },

    pendingBefore: (sentAt: number) => pending.all(sentAt),

    receipt: ({ signer, nonce }: Nonce) => receipt.get(signer, nonce),

    /** Uses the nonce up. @throws when it is used already */
    keepReceipt(of: StoredTransaction, mined: Omit<Receipt, 'hash' | 'kind'>): void {
      const { status, revertReason, executedSellAmount, executedBuyAmount, block, minedAt } = mined;
      addReceipt.run(
        ...[of.signer, of.nonce, of.hash, of.orderId, of.epoch, of.kind],
        ...[status, revertReason, executedSellAmount, executedBuyAmount, block, minedAt],
      );
      settleNonce.run(of.signer, of.nonce);
      closeReservation.run(of.orderId, of.epoch);
    },

    moveReceipt({ signer, nonce }: Nonce, block: number, minedAt: number): void {
      moveReceipt.run(block, minedAt, signer, nonce);
    },

    dealtFaults: (orderId: string, epoch: number, operation: string) =>
      dealt.get(orderId, epoch, operation)?.count ?? 0,

    countDealtFault(orderId: string, epoch: number, operation: string): void {
      countDealt.run(orderId, epoch, operation);
    },

    executions: () => executions.all(),
  };
}
