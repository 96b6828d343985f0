/**
 * Rule 4: the signer's resender. It belongs to no order, so it works when no worker runs the order any more.
 * It remembers something only on the way to making a reservation void; whatever else it does rests on one read of what cannot
 * change any more (a reservation's nonce and epoch, a final receipt, an outcome), so that the read and the write are one step here.
 */
import type { Step } from './explore.ts';
import { recorded, receiptsOf, usedNonces } from './ledger-chain.ts';
import type { Rules } from './ledger-rules.ts';
import {
  isAbandoned,
  isSwap,
  type Hash,
  type Resender,
  type NonceReservation,
  type State,
} from './ledger-state.ts';
import { saved, sent } from './ledger-signing.ts';
import { naming, reservationAt, withReservation } from './signer-document.ts';

export function resenderSteps(state: State, rules: Rules): Step<State>[] {
  if (rules.mistake === 'no resender') return [];
  const { signer, resender } = state;
  const go = (name: string, written: Partial<State>): Step<State> => ({
    name: `resender ${name}`,
    next: { ...state, ...written },
  });
  return [...voiding(), ...sending(), ...closing()];

  /**
   * Two steps, and anything may happen between them: it reads the order and decides (its transfer is saved by then); then
   * the reservation is made void, by a compare-and-set on `reserved`.
   */
  function voiding(): Step<State>[] {
    if (resender.at === 'rest') {
      return signer.open.flatMap((reservation, index) => {
        const nonce = signer.base + index;
        // Impatient for one nonce only: else a reservation is taken and made void forever, and the model has no end.
        const mayVoid = isAbandoned(state, reservation) || (rules.impatientResender && nonce === 0);
        if (reservation.state !== 'reserved' || !mayVoid) return [];
        return [
          go('decides to make a reservation void', {
            ...saved(state, fillOf(nonce)),
            resender: { at: 'void', nonce },
          }),
        ];
      });
    }
    const { nonce } = resender;
    const rest: Resender = { at: 'rest' };
    const reservation = reservationAt(signer, nonce);
    const crash = go('crashes', { resender: rest });
    const looks = rules.mistake !== 'void taken for an answer';
    if (reservation === undefined || (looks && reservation.state !== 'reserved')) {
      return [crash, go('finds the reservation no longer reserved', { resender: rest })];
    }
    const made = withReservation(signer, nonce, naming({ ...reservation, state: 'void' }, fillOf(nonce)));
    const out = rules.mistake === 'filled only once' ? sent(state, [fillOf(nonce)], rules) : {};
    return [crash, go('makes the reservation void', { ...out, signer: made, resender: rest })];
  }

  /** Sends, and sends again, what each reservation lets out. */
  function sending(): Step<State>[] {
    return signer.open
      .filter(({ state }) => !(state === 'void' && rules.mistake === 'filled only once'))
      .map((reservation) =>
        go(`sends from ${reservation.state} reservations`, sent(state, letOut(reservation, rules), rules)),
      )
      .filter(({ next }) => next.chain.mempool.length > state.chain.mempool.length);
  }

  /** From the front: the final outcome of the nonce is recorded; then the reservation is retired. */
  function closing(): Step<State>[] {
    const front = signer.open[0];
    if (front === undefined) return [];
    const retired = go('retires the front reservation', {
      signer: { base: signer.base + 1, open: signer.open.slice(1) },
    });
    if (rules.mistake === 'retired before used' && front.state === 'void') return [retired];
    if ((state.settled[signer.base] ?? null) !== null) return [retired];
    if (usedNonces(state.chain, rules) <= signer.base) return [];
    const outcomes = receiptsOf(state.chain, signer.base, front.hashes, rules);
    if (outcomes.length > 0 && rules.mistake === 'retired without outcome') return [retired];
    return outcomes.map((outcome) =>
      go('records the outcome of the front nonce', recorded(state, signer.base, outcome)),
    );
  }
}

function fillOf(nonce: number): Hash {
  return `${nonce} fill`;
}

/** Bytes of a swap leave only from an armed reservation. */
function letOut({ state, hashes }: NonceReservation, { mistake }: Rules): readonly Hash[] {
  if (mistake === 'no arming' || (mistake === 'void reservation sends all' && state === 'void'))
    return hashes;
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
