/**
 * What each owner has sold of each token on each day: the numbers that limits by day are compared with. A total never falls.
 *
 * As with orders: an addition resolves only once it is durable, may reject with `StoreUnavailable`, and repeating it is safe.
 */
export interface DayAccount {
  readonly owner: string;
  /** The token's name; each token has one. */
  readonly token: string;
  /** A calendar day in UTC: `2026-11-22`. */
  readonly day: string;
}

export interface Addition {
  /** Of several additions with one id to one account, one counts. An id has no space. */
  readonly id: string;
  /** Base units. */
  readonly amount: bigint;
  /** The largest total that the addition may lead to. */
  readonly most: bigint;
}

export interface Added {
  /** False: the total would exceed `most`, and nothing was added. */
  readonly isAdded: boolean;
  /** Of the account, after the addition. */
  readonly total: bigint;
}

export interface DayTotal extends DayAccount {
  readonly total: bigint;
}

export interface DayTotals {
  /** No addition takes the total above its `most`, however many run at the same time in however many processes. */
  add(account: DayAccount, addition: Addition): Promise<Added>;
  /** What was added to the account; 0 where nothing was. */
  total(account: DayAccount): Promise<bigint>;
  /** All totals that are kept: for a move to another store. */
  all(): Promise<readonly DayTotal[]>;
}

/** After these days an account may be deleted: no clock is so wrong that anything is still added to it. */
export const KEPT_DAYS = 3;

const DAY_MS = 86_400_000;

/** @param at Unix milliseconds */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Unix milliseconds of the moment at which a day ends. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + DAY_MS;
}

/** Days before this one are no longer kept. */
export function firstKeptDay(day: string): string {
  return dayOf(endOfDay(day) - (1 + KEPT_DAYS) * DAY_MS);
}
