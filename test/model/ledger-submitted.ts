/** Rules 3 and 5 to 7: an order that was submitted arms its slot, waits for the chain, and leaves only through a closed slot. */
import { recorded, receiptOf, usedNonces } from './ledger-chain.ts';
import { newEpoch } from './ledger-signing.ts';
import { isSwap, type Hash, type Order, type Outcome } from './ledger-state.ts';
import { REST, type Steps, type Turn } from './ledger-turn.ts';
import { naming, slotAt, withSlot } from './signer-document.ts';

/** Looks at its slot (at its nonce, not at its epoch) and does what the slot's state allows. */
export function look(turn: Turn, order: Order, nonce: number): Steps {
  const { state, rules, name, hash, go } = turn;
  const { mistake } = rules;
  const { signer } = state;
  const which = mistake === 'armed by epoch alone' ? (nonceByEpoch(turn, order) ?? nonce) : nonce;
  const slot = slotAt(signer, which);
  if (slot === undefined) {
    const outcome = state.records[nonce] ?? null;
    return outcome === null
      ? []
      : [go('finds its slot gone and reads the record', { at: 'leave', order, outcome })];
  }
  const steps = [];
  // Rule 6: it asks whether the nonce is used, and reads the hashes after that.
  if (mistake === 'hashes not read again' || usedNonces(state.chain, rules) > nonce) {
    steps.push(
      go('sees its nonce used and reads the hashes', { at: 'close', order, nonce, hashes: slot.hashes }),
    );
  }
  const swaps = mistake === 'named after sending' ? [hash(nonce, name)] : slot.hashes.filter(isSwap);
  if (order.ending === null && slot.state === 'reserved') {
    const armed = withSlot(signer, which, mistake === 'no arming' ? slot : { ...slot, state: 'armed' });
    steps.push(go('arms its slot', { at: 'send', nonce, hashes: swaps }, { signer: armed }));
  }
  if (order.ending === null && slot.state === 'armed') {
    steps.push(go('finds its slot armed', { at: 'send', nonce, hashes: swaps }));
  }
  if (mistake === 'void taken for an answer' && slot.state === 'void') {
    steps.push(go('finds its slot void', { at: 'leave', order, outcome: 'unfilled' }));
  }
  if (slot.state === 'cancelling') {
    const cancels = slot.hashes.filter((each) => !isSwap(each));
    steps.push(go('finds its nonce contested', { at: 'send', nonce, hashes: cancels }));
  }
  return steps;
}

function nonceByEpoch({ state: { signer } }: Turn, { epoch }: Order): number | undefined {
  const index = signer.open.findIndex((slot) => slot.epoch === epoch);
  return index === -1 ? undefined : signer.base + index;
}

/** A higher fee: other bytes for the same nonce, saved; then named, while the slot is armed; then sent. */
export function nameAnother({ state, name, hash, go }: Turn, nonce: number): Steps {
  const slot = slotAt(state.signer, nonce);
  if (slot?.state !== 'armed') return [go('may not name another swap', REST)];
  const another = hash(nonce, name);
  const signer = withSlot(state.signer, nonce, naming(slot, another));
  return [go('names another swap', { at: 'send', nonce, hashes: [another] }, { signer })];
}

/** Rule 5: the order has said how it will end; now a transaction that does nothing competes for the nonce. */
export function contest({ state, hash, go }: Turn, nonce: number): Steps {
  const slot = slotAt(state.signer, nonce);
  if (slot === undefined || slot.state === 'void') return [go('has nothing to contest', REST)];
  const cancel = hash(nonce, 'cancel');
  const signer = withSlot(state.signer, nonce, naming({ ...slot, state: 'cancelling' }, cancel));
  return [go('contests its nonce', { at: 'send', nonce, hashes: [cancel] }, { signer })];
}

/** Asks for receipts of the hashes that it read, and closes the slot by a record, inserted once, by nonce. */
export function close(
  { state, rules, go }: Turn,
  order: Order,
  nonce: number,
  hashes: readonly Hash[],
): Steps {
  if (usedNonces(state.chain, rules) <= nonce) return [];
  const answer = receiptOf(state.chain, nonce, hashes);
  const outcome = answer ?? (rules.mistake === 'hashes not read again' ? 'unfilled' : null);
  if (outcome === null) return [go('finds no receipt and waits', REST)];
  return [
    go('records how its nonce was used', { at: 'leave', order, outcome }, recorded(state, nonce, outcome)),
  ];
}

/** Rule 5: the only way out of `submitted`. */
export function leave({ rules, commit }: Turn, order: Order, outcome: Outcome): Steps {
  if (outcome === 'filled') return [commit('commits confirmed', order, { status: 'confirmed' })];
  if (order.ending !== null) return [commit('ends as it said', order, { status: order.ending })];
  return [commit('re-routes', order, newEpoch(order, rules.epochs))];
}
