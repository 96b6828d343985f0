/** Rules 1 to 3: how an order gets a reservation, and how its swap is let out. */
import type { Rules } from './ledger-rules.ts';
import {
  including,
  isSwap,
  nonceOf,
  type Hash,
  type Order,
  type State,
  type Worker,
} from './ledger-state.ts';
import { REST, type Steps, type Turn } from './ledger-turn.ts';
import { naming, reservationAt, withReservation } from './signer-document.ts';

/** Rule 2: one push, guarded by "this (order, epoch) has none" and "the window is not full". */
export function askForNonce({ state, rules, go }: Turn, order: Order): Steps {
  const { signer } = state;
  const looksFirst = rules.mistake !== 'a reservation for every request';
  const index = looksFirst ? signer.open.findIndex(({ epoch }) => epoch === order.epoch) : -1;
  const found = signer.open[index];
  if (found === undefined) {
    if (signer.open.length >= rules.window) return [go('finds the window full', REST)];
    const open = [...signer.open, { epoch: order.epoch, state: 'reserved', hashes: [] } as const];
    const nonce = signer.base + signer.open.length;
    return [go('takes a reservation', { at: 'save', order, nonce }, { signer: { ...signer, open } })];
  }
  switch (found.state) {
    case 'reserved':
      return [go('finds its reservation', { at: 'save', order, nonce: signer.base + index })];
    case 'void':
      return [go('finds its reservation void', { at: 'reservation lost', order })];
    case 'armed':
    case 'cancelling':
      return [go('finds its reservation armed by another', REST)];
  }
}

/** Its reservation was made void while it was signing: nothing of it has left, and nothing will. */
export function beginAnew({ rules, commit }: Turn, order: Order): Steps {
  return [commit('begins a new epoch', order, newEpoch(order, rules.epochs))];
}

export function newEpoch({ epoch }: Order, epochs: number): Partial<Order> {
  return epoch < epochs ? { status: 'signing', epoch: epoch + 1, nonce: null } : { status: 'failed' };
}

/** Rule 3: the bytes are saved by their hash, in an attempt of their own ... */
export function saveSwap({ state, rules, name, hash, go }: Turn, order: Order, nonce: number): Steps {
  const at = rules.mistake === 'named after sending' ? 'submit' : 'name';
  return [go('saves a swap', { at, order, nonce }, saved(state, hash(nonce, name)))];
}

export function saved({ attempts }: State, hash: Hash): Partial<State> {
  return { attempts: including(attempts, hash) };
}

/** ... then the reservation names the hash, while it is still reserved ... */
export function nameSwap({ state, rules, name, hash, go }: Turn, order: Order, nonce: number): Steps {
  const reservation = reservationAt(state.signer, nonce);
  if (reservation?.state !== 'reserved') return [go('finds its reservation no longer reserved', REST)];
  const armed =
    rules.mistake === 'armed before submitted' ? ({ ...reservation, state: 'armed' } as const) : reservation;
  const signer = withReservation(state.signer, nonce, naming(armed, hash(nonce, name)));
  return [go('names its swap in the reservation', { at: 'submit', order, nonce }, { signer })];
}

/** ... then the order commits `submitted`; only then the reservation is armed. */
export function commitSubmitted({ rules, commit }: Turn, order: Order, nonce: number): Steps {
  const submitted: Partial<Order> = { status: 'submitted', nonce, epoch: order.epoch };
  const armsLater = rules.mistake !== 'armed before submitted';
  const next: Order = { ...order, ...submitted, version: order.version + 1 };
  return [
    commit('commits submitted', order, submitted, armsLater ? { at: 'look', order: next, nonce } : REST),
  ];
}

/** Sends what it remembers, however long ago it was read. The node refuses a nonce that is used. */
export function send({ state, rules, go }: Turn, nonce: number, hashes: readonly Hash[]): Steps {
  const then: Worker = rules.mistake === 'named after sending' ? { at: 'name another', nonce } : REST;
  return [go('sends', then, sent(state, hashes, rules))];
}

/**
 * Rule 5: from `validTo` on, by the time of the chain's last block, no swap is sent. Reading that time and sending are one step here: the
 * router's deadline stands behind it, and a block that comes in between is told of by the next look.
 */
export function sent(
  { chain, attempts }: State,
  hashes: readonly Hash[],
  { mistake }: Pick<Rules, 'mistake'>,
): Partial<State> {
  const isExpired = chain.expired === true;
  const refusesSwaps = isExpired && mistake !== 'swap sent first after validTo';
  const taken = hashes.filter(
    (hash) =>
      attempts.includes(hash) && nonceOf(hash) >= chain.mined.length && !(refusesSwaps && isSwap(hash)),
  );
  const swaps = chain.expired === null ? [] : taken.filter(isSwap);
  const isLate = isExpired && swaps.some((hash) => !chain.sent.includes(hash));
  return {
    chain: {
      ...chain,
      mempool: including(chain.mempool, ...taken),
      sent: including(chain.sent, ...swaps),
      sentLate: chain.sentLate || isLate,
    },
  };
}
