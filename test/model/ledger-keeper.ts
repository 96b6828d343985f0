/**
 * Rule 4: the signer's keeper. It belongs to no order, so it works when nobody works on the order any more.
 * It remembers something only on the way to making a slot void; whatever else it does rests on one read of what cannot
 * change any more (a slot's nonce and epoch, a final receipt, a record), so that the read and the write are one step here.
 */
import type { Step } from './explore.ts';
import { recorded, receiptOf, usedNonces } from './ledger-chain.ts';
import type { Rules } from './ledger-rules.ts';
import { isAbandoned, isSwap, type Hash, type Keeper, type Slot, type State } from './ledger-state.ts';
import { saved, sent } from './ledger-signing.ts';
import { naming, slotAt, withSlot } from './signer-document.ts';

export function keeperSteps(state: State, rules: Rules): Step<State>[] {
  if (rules.mistake === 'no keeper') return [];
  const { signer, keeper } = state;
  const go = (name: string, written: Partial<State>): Step<State> => ({
    name: `keeper ${name}`,
    next: { ...state, ...written },
  });
  return [...voiding(), ...sending(), ...closing()];

  /**
   * Two steps, and anything may happen between them: it reads the order and decides (its transfer is saved by then); then
   * the slot is made void, by a compare-and-set on `reserved`.
   */
  function voiding(): Step<State>[] {
    if (keeper.at === 'rest') {
      return signer.open.flatMap((slot, index) => {
        const nonce = signer.base + index;
        // Impatient for one nonce only: else a slot is taken and made void for ever, and the model has no end.
        const mayVoid = isAbandoned(state, slot) || (rules.impatientKeeper && nonce === 0);
        if (slot.state !== 'reserved' || !mayVoid) return [];
        return [
          go('decides to make a slot void', {
            ...saved(state, fillOf(nonce)),
            keeper: { at: 'void', nonce },
          }),
        ];
      });
    }
    const { nonce } = keeper;
    const rest: Keeper = { at: 'rest' };
    const slot = slotAt(signer, nonce);
    const crash = go('crashes', { keeper: rest });
    const looks = rules.mistake !== 'void taken for an answer';
    if (slot === undefined || (looks && slot.state !== 'reserved')) {
      return [crash, go('finds the slot no longer reserved', { keeper: rest })];
    }
    const made = withSlot(signer, nonce, naming({ ...slot, state: 'void' }, fillOf(nonce)));
    const out = rules.mistake === 'filled only once' ? sent(state, [fillOf(nonce)]) : {};
    return [crash, go('makes the slot void', { ...out, signer: made, keeper: rest })];
  }

  /** Sends, and sends again, what each slot lets out. */
  function sending(): Step<State>[] {
    return signer.open
      .filter(({ state }) => !(state === 'void' && rules.mistake === 'filled only once'))
      .map((slot) => go(`sends from ${slot.state} slots`, sent(state, letOut(slot, rules))))
      .filter(({ next }) => next.chain.mempool.length > state.chain.mempool.length);
  }

  /** From the front: a record of how the nonce was used, for good; then the slot leaves. */
  function closing(): Step<State>[] {
    const front = signer.open[0];
    if (front === undefined) return [];
    const popped = go('pops the front slot', {
      signer: { base: signer.base + 1, open: signer.open.slice(1) },
    });
    if (rules.mistake === 'popped before used' && front.state === 'void') return [popped];
    if ((state.records[signer.base] ?? null) !== null) return [popped];
    if (usedNonces(state.chain, rules) <= signer.base) return [];
    const outcome = receiptOf(state.chain, signer.base, front.hashes);
    if (outcome === null) return [];
    if (rules.mistake === 'popped without record') return [popped];
    return [go('records how the front nonce was used', recorded(state, signer.base, outcome))];
  }
}

function fillOf(nonce: number): Hash {
  return `${nonce} fill`;
}

/** Bytes of a swap leave only from an armed slot. */
function letOut({ state, hashes }: Slot, { mistake }: Rules): readonly Hash[] {
  if (mistake === 'no arming' || (mistake === 'void slot sends all' && state === 'void')) return hashes;
  switch (state) {
    case 'reserved':
      return [];
    case 'armed':
      return hashes.filter(isSwap);
    case 'cancelling':
    case 'void':
      return hashes.filter((hash) => !isSwap(hash));
  }
}
