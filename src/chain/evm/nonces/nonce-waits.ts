import type { NonceReservation, SignerAccount } from '../../../store/ledger.ts';
import type { Clock } from '../../../runtime/time.ts';
import type { NonceStatus } from './nonce-status.ts';

/** After this long a reservation becomes void even if its order may still submit, for later nonces wait. The order takes another. */
const MAX_RESERVED_MS = 10_000;

/** Since when the nonces of one signer wait, as this process has seen it. */
export class NonceWaits {
  readonly #clock: Clock;
  readonly #raiseAfterMs: number;
  /** When each reserved nonce was first seen as reserved. */
  readonly #reservedSince = new Map<number, number>();
  /** Since when the account's next nonce could have been mined. */
  #pending: { readonly nonce: number; readonly since: number } | null = null;

  constructor(clock: Clock, raiseAfterMs: number) {
    this.#clock = clock;
    this.#raiseAfterMs = raiseAfterMs;
  }

  isReservedLong({ nonce }: Pick<NonceReservation, 'nonce'>): boolean {
    const now = this.#clock.now();
    const since = this.#reservedSince.get(nonce) ?? now;
    this.#reservedSince.set(nonce, since);
    return now - since >= MAX_RESERVED_MS;
  }

  /** Whether a higher fee is to be offered: the nonce is the next, and was for that long. The time begins anew then. */
  isOverdue(status: NonceStatus & { readonly at: 'unused' }): boolean {
    if (!status.isNext) return false;
    const { nonce } = status.reservation;
    const now = this.#clock.now();
    if (this.#pending?.nonce !== nonce) this.#pending = { nonce, since: now };
    if (now - this.#pending.since < this.#raiseAfterMs) return false;
    this.#pending = null;
    return true;
  }

  forgetClosed({ open }: Pick<SignerAccount, 'open'>): void {
    const nonces = new Set(open.map(({ nonce }) => nonce));
    for (const nonce of this.#reservedSince.keys()) if (!nonces.has(nonce)) this.#reservedSince.delete(nonce);
  }
}
