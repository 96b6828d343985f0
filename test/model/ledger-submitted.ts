/** Rules 3 and 5 to 7: an order that was submitted arms its reservation, waits for the chain, and leaves only through a closed reservation. */
import { recorded, receiptsOf, usedNonces } from './ledger-chain.ts';
import { newEpoch } from './ledger-signing.ts';
import { isSwap, type Hash, type Order, type Outcome } from './ledger-state.ts';
import { REST, type Steps, type Turn } from './ledger-turn.ts';
import { naming, reservationAt, withReservation } from './signer-document.ts';

/** Looks at its reservation (at its nonce, not at its epoch) and does what the reservation's state allows. */
export function look(turn: Turn, order: Order, nonce: number): Steps {
  const { state, rules, name, hash, go } = turn;
  const { mistake } = rules;
  const { signer } = state;
  const which = mistake === 'armed by epoch alone' ? (nonceByEpoch(turn, order) ?? nonce) : nonce;
  const reservation = reservationAt(signer, which);
  if (reservation === undefined) {
    const outcome = state.settled[nonce] ?? null;
    return outcome === null
      ? []
      : [go('finds its reservation retired and reads its outcome', { at: 'leave', order, outcome })];
  }
  const steps = [];
  // Rule 6: it asks whether the nonce is used, and reads the hashes after that.
  if (mistake === 'hashes not read again' || usedNonces(state.chain, rules) > nonce) {
    steps.push(
      go('sees its nonce used and reads the hashes', {
        at: 'close',
        order,
        nonce,
        hashes: reservation.hashes,
      }),
    );
  }
  const swaps = mistake === 'named after sending' ? [hash(nonce, name)] : reservation.hashes.filter(isSwap);
  if (order.ending === null && reservation.state === 'reserved') {
    const armed = withReservation(
      signer,
      which,
      mistake === 'no arming' ? reservation : { ...reservation, state: 'armed' },
    );
    steps.push(go('arms its reservation', { at: 'send', nonce, hashes: swaps }, { signer: armed }));
  }
  if (order.ending === null && reservation.state === 'armed') {
    steps.push(go('finds its reservation armed', { at: 'send', nonce, hashes: swaps }));
  }
  if (mistake === 'void taken for an answer' && reservation.state === 'void') {
    steps.push(go('finds its reservation void', { at: 'leave', order, outcome: 'unfilled' }));
  }
  if (reservation.state === 'cancelling') {
    const cancels = reservation.hashes.filter((each) => !isSwap(each));
    steps.push(go('finds its nonce contested', { at: 'send', nonce, hashes: cancels }));
  }
  return steps;
}

function nonceByEpoch({ state: { signer } }: Turn, { epoch }: Order): number | undefined {
  const index = signer.open.findIndex((reservation) => reservation.epoch === epoch);
  return index === -1 ? undefined : signer.base + index;
}

/** A higher fee: other bytes for the same nonce, saved; then named, while the reservation is armed; then sent. */
export function nameAnother({ state, name, hash, go }: Turn, nonce: number): Steps {
  const reservation = reservationAt(state.signer, nonce);
  if (reservation?.state !== 'armed') return [go('may not name another swap', REST)];
  const another = hash(nonce, name);
  const signer = withReservation(state.signer, nonce, naming(reservation, another));
  return [go('names another swap', { at: 'send', nonce, hashes: [another] }, { signer })];
}

/** Rule 5: the order has said how it will end; now a transaction that does nothing competes for the nonce. */
export function sendReplacement({ state, hash, go }: Turn, nonce: number): Steps {
  const reservation = reservationAt(state.signer, nonce);
  if (reservation === undefined || reservation.state === 'void') return [go('has nothing to contest', REST)];
  const cancel = hash(nonce, 'cancel');
  const signer = withReservation(
    state.signer,
    nonce,
    naming({ ...reservation, state: 'cancelling' }, cancel),
  );
  return [go('contests its nonce', { at: 'send', nonce, hashes: [cancel] }, { signer })];
}

/** Asks for receipts of the hashes that it read, and closes the reservation by its outcome, inserted once, by nonce. */
export function close(
  { state, rules, go }: Turn,
  order: Order,
  nonce: number,
  hashes: readonly Hash[],
): Steps {
  if (usedNonces(state.chain, rules) <= nonce) return [];
  const answers = receiptsOf(state.chain, nonce, hashes, rules);
  const isGuess = answers.length === 0 && rules.mistake === 'hashes not read again';
  const outcomes: readonly Outcome[] = isGuess ? ['unfilled'] : answers;
  if (outcomes.length === 0) return [go('finds no receipt and waits', REST)];
  return outcomes.map((outcome) =>
    go('records how its nonce was used', { at: 'leave', order, outcome }, recorded(state, nonce, outcome)),
  );
}

/** Rule 5: the only way out of `submitted`. */
export function leave({ rules, commit }: Turn, order: Order, outcome: Outcome): Steps {
  if (outcome === 'filled') return [commit('commits confirmed', order, { status: 'confirmed' })];
  if (order.ending !== null) return [commit('ends as it said', order, { status: order.ending })];
  return [commit('re-routes', order, newEpoch(order, rules.epochs))];
}
