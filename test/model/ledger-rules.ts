/** The knobs of the model: how large it is, and one rule that may be broken on purpose. */

/** One thing done wrong. Each of them must make the model fail: that is how we know that the rule is there for something. */
export type Mistake =
  /** Rule 1: a worker raises the epoch in memory and takes a reservation before the order has committed it. */
  | 'epoch not committed first'
  /** Rule 2: a reservation is pushed without the guard "this (order, epoch) has none". */
  | 'a reservation for every request'
  /** Rule 3: there is no armed state; whatever a reservation names may be sent. */
  | 'no arming'
  /** Rule 3: the reservation is armed before the order commits `submitted`. */
  | 'armed before submitted'
  /** Rule 3: a reservation is armed by order and epoch alone, whatever its nonce. */
  | 'armed by epoch alone'
  /** Rule 3: the reservation names a hash only after the bytes were sent. */
  | 'named after sending'
  /** Rule 4: abandoned reservations are not looked after. */
  | 'no resender'
  /** Rule 4: the resender sends a transfer to itself once and then trusts the mempool. */
  | 'filled only once'
  /** Rule 4: from a void reservation the resender sends whatever the reservation names. */
  | 'void reservation sends all'
  /** Rule 4: a reservation is retired and its outcome was not recorded. */
  | 'retired without outcome'
  /** Rule 4: reservations are retired as soon as they are void, before their nonces are used. */
  | 'retired before used'
  /** Rule 5: swaps are sent whatever the chain's time is. */
  | 'swap sent first after validTo'
  /** Rule 5: a deadline fails the order while its swap may be out. */
  | 'deadline fails at once'
  /** Rules 4 and 5: a reservation is made void in any state, and an order that finds its reservation void awaits no outcome. */
  | 'void taken for an answer'
  /** Rule 6: the nonce is used, none of the hashes read before has a receipt: taken for "not executed". */
  | 'hashes not read again'
  /** Rule 7: the first receipt closes the reservation, however shallow. */
  | 'finality not awaited'
  /** Rule 7: a fill is awaited until it is final, a revert is not. */
  | 'revert not awaited'
  /** Rule 7: the head is asked of one node and the receipt of another, and nobody compares the receipt's block with the chain. */
  | 'receipt and head from two views'
  /** A worker writes what it decided over whatever the order has become. */
  | 'commits blindly';

export interface Rules {
  readonly mistake: Mistake | null;
  /** How many epochs the order may have, that is, re-routes plus one. */
  readonly epochs: number;
  /** How many reservations may be open. */
  readonly window: number;
  /** A worker may sign other bytes for the same nonce while it waits. */
  readonly feeRaises: boolean;
  /** Mined transactions may be taken back until they are final. */
  readonly reorgs: boolean;
  /** A node may stay on a branch that lost, and answer as if it were the chain. */
  readonly twoViews: boolean;
  /** The chain's time may pass `validTo`. */
  readonly expiry: boolean;
  /** The resender also voids a reserved reservation that its order still wants, because the reservations behind it wait. */
  readonly impatientResender: boolean;
  /** States that nothing can tell apart are taken for one. */
  readonly simplified: boolean;
}

export const RULES: Rules = {
  mistake: null,
  epochs: 2,
  window: 2,
  feeRaises: false,
  reorgs: false,
  twoViews: false,
  expiry: false,
  impatientResender: false,
  simplified: true,
};
