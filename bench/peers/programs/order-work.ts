/**
 * The work of an order, the same for each peer: five effects (quote, build, sign, broadcast, watch), and nine transitions with the
 * acceptance. Effects take no time, as in the simulated execution that Fillstream is measured with.
 */
import { createHash } from 'node:crypto';

export interface OrderTerms {
  readonly sellToken: string;
  readonly buyToken: string;
  /** Base units, as a decimal string. */
  readonly sellAmount: string;
}

/** What an effect found: it is stored with the transition. */
export type Facts = Readonly<Record<string, string | number | readonly Readonly<Record<string, string>>[]>>;

export interface Transition {
  readonly state: string;
  /** What is done before the transition is taken. It may run again. */
  readonly effect: (orderId: string, terms: OrderTerms) => Promise<Facts>;
}

export const ACCEPTED = 'pending';
export const ENDED = 'confirmed';

/** The transitions after `pending`. */
export const TRANSITIONS: readonly Transition[] = [
  { state: 'routing.quoting', effect: nothing },
  { state: 'routing.choosing', effect: quote },
  { state: 'building.assembling', effect: nothing },
  { state: 'building.signing', effect: build },
  { state: 'submitted.broadcasting', effect: sign },
  { state: 'submitted.watching', effect: broadcast },
  { state: 'submitted.confirming', effect: watch },
  { state: ENDED, effect: nothing },
];

const VENUES = ['alpha-v2', 'beta-v2', 'gamma-v3'];

function nothing(): Promise<Facts> {
  return Promise.resolve({});
}

function quote(_orderId: string, { sellAmount }: OrderTerms): Promise<Facts> {
  const quotes = VENUES.map((venue, index) => ({
    venue,
    buyAmount: String((BigInt(sellAmount) * BigInt(2990 + index)) / 10n ** 12n),
    gas: String(120_000 + index * 10_000),
  }));
  return Promise.resolve({ quotes });
}

function build(orderId: string, { sellToken, buyToken, sellAmount }: OrderTerms): Promise<Facts> {
  return Promise.resolve({
    venue: 'gamma-v3',
    to: '0xe592427a0aece92de3edee1f18e0157c05861564',
    calldata: `0x${hash(`${orderId} ${sellToken} ${buyToken} ${sellAmount}`).repeat(4)}`,
  });
}

function sign(orderId: string): Promise<Facts> {
  return Promise.resolve({ hash: transactionOf(orderId), nonce: 1, bytes: `0x${hash(orderId).repeat(4)}` });
}

function broadcast(orderId: string): Promise<Facts> {
  return Promise.resolve({ hash: transactionOf(orderId) });
}

function watch(orderId: string): Promise<Facts> {
  return Promise.resolve({ hash: transactionOf(orderId), block: 161, gasUsed: '118204' });
}

function transactionOf(orderId: string): string {
  return `0x${hash(`transaction ${orderId}`)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
