/**
 * What each owner has sold of each token on each day: the numbers that a limit by day is held against. A total never falls.
 *
 * As with orders: an addition resolves only once it is durable, may reject with `StoreUnavailable`, and repeating it is safe.
 */
export interface DayAccount {
  readonly owner: string;
  /** In whatever name a token has; one name each. */
  readonly token: string;
  /** Of the calendar, in UTC: `2026-11-22`. */
  readonly day: string;
}

export interface Addition {
  /** What is added under one id of an account is added once. Without space. */
  readonly id: string;
  /** Base units. */
  readonly amount: bigint;
  /** The total that it may reach. */
  readonly most: bigint;
}

export interface Added {
  /** False: it would be more than `most`, and nothing was added. */
  readonly isAdded: boolean;
  /** Of the account, with what was added. */
  readonly total: bigint;
}

export interface DayTotal extends DayAccount {
  readonly total: bigint;
}

export interface DayTotals {
  /** Of any number that add at the same time, in any process, none takes the total above its `most`. */
  add(account: DayAccount, addition: Addition): Promise<Added>;
  /** All that are kept: for carrying them to another store. */
  all(): Promise<readonly DayTotal[]>;
}

/** After these days an account may be forgotten: no clock is so wrong that somebody still adds to it. */
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
