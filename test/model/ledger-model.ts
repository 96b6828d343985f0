/**
 * The signer's ledger as a state machine: one order, two workers of which either may be stale, the signer's resender, and a chain
 * that may do anything a chain may do. What it is for: docs/explanation/signers-ledger.md.
 */
import type { Model } from './explore.ts';
import { chainSteps } from './ledger-chain.ts';
import { resenderSteps } from './ledger-resender.ts';
import { RULES, type Rules } from './ledger-rules.ts';
import { keyOf, simplified } from './ledger-key.ts';
import * as signing from './ledger-signing.ts';
import * as submitted from './ledger-submitted.ts';
import {
  executions,
  hasEnded,
  INITIAL,
  isAbandoned,
  type NonceReservation,
  type State,
  type WorkerName,
} from './ledger-state.ts';
import { REST, turnOf, type Steps, type Turn } from './ledger-turn.ts';

export function ledgerModel(changed: Partial<Rules> = {}): Model<State> {
  const rules = { ...RULES, ...changed };
  return {
    initial: rules.expiry ? { ...INITIAL, chain: { ...INITIAL.chain, expired: false } } : INITIAL,
    steps: (state) =>
      [
        ...workerSteps(state, 'S', rules),
        ...workerSteps(state, 'T', rules),
        ...resenderSteps(state, rules),
        ...chainSteps(state, rules),
      ].map(({ name, next }) => ({ name, next: simplified(next, rules) })),
    key: keyOf,
    wrong: (state) => wrongIn(state, rules),
    isGood: ({ order, signer, chain }) =>
      hasEnded(order) && signer.open.length === 0 && chain.mined.length === signer.base,
  };
}

function wrongIn(state: State, { mistake }: Rules): string | null {
  const { order, signer, chain } = state;
  const executed = executions(chain);
  if (chain.sentLate) return 'sent first after validTo';
  if (executed > 1) return 'executed twice';
  if (order.status === 'confirmed' && executed === 0) return 'confirmed but not executed';
  if (hasEnded(order) && order.status !== 'confirmed' && executed > 0) return `${order.status} but executed`;
  // What the simplifications rest on; with a mistake made, the harm itself is of more interest.
  const inVain = signer.open.some((reservation, index) =>
    isArmedInVain(state, reservation, signer.base + index),
  );
  return mistake === null && inVain ? 'armed in vain' : null;
}

/** Its swap may still be executed, and the order does not wait for it. */
function isArmedInVain(state: State, reservation: NonceReservation, nonce: number): boolean {
  return (
    reservation.state === 'armed' && nonce >= state.chain.mined.length && isAbandoned(state, reservation)
  );
}

function workerSteps(state: State, name: WorkerName, rules: Rules): Steps {
  const turn = turnOf(state, name, rules);
  const crash = state.workers[name].at === 'rest' ? [] : [turn.go('crashes', REST)];
  return [...crash, ...decide(turn)];
}

function decide(turn: Turn): Steps {
  const me = turn.state.workers[turn.name];
  switch (me.at) {
    case 'rest':
      return readOrder(turn);
    case 'give up':
      return giveUp(turn, me.order, me.as);

    case 'ask':
      return signing.askForNonce(turn, me.order);
    case 'reservation lost':
      return signing.beginAnew(turn, me.order);
    case 'save':
      return signing.saveSwap(turn, me.order, me.nonce);
    case 'name':
      return signing.nameSwap(turn, me.order, me.nonce);
    case 'submit':
      return signing.commitSubmitted(turn, me.order, me.nonce);
    case 'send':
      return signing.send(turn, me.nonce, me.hashes);

    case 'look':
      return submitted.look(turn, me.order, me.nonce);
    case 'name another':
      return submitted.nameAnother(turn, me.nonce);
    case 'contest':
      return submitted.sendReplacement(turn, me.nonce);
    case 'close':
      return submitted.close(turn, me.order, me.nonce, me.hashes);
    case 'leave':
      return submitted.leave(turn, me.order, me.outcome);
  }
}

/**
 * A worker may have to give up at any moment: a user may have cancelled by then, or a deadline, `validTo` or a budget
 * may have run out. So these need no state of their own.
 */
function readOrder({ state, rules, name, hash, go }: Turn): Steps {
  const { order } = state;
  if (hasEnded(order)) return [];
  const ends =
    order.ending === null
      ? (['cancelled', 'failed'] as const).map((as) =>
          go(`decides to end as ${as}`, { at: 'give up', order, as }),
        )
      : [];
  if (order.status === 'signing') {
    const ask = go('reads the order', { at: 'ask', order });
    if (rules.mistake !== 'epoch not committed first') return [...ends, ask];
    const raised = { ...order, epoch: order.epoch + 1 };
    return [...ends, ask, go('raises the epoch for itself', { at: 'ask', order: raised })];
  }
  const { nonce } = order;
  if (nonce === null) return ends;
  const look = go('reads the order', { at: 'look', order, nonce });
  // What it signs here is saved in the same step: that the order was submitted, or is ending, does not change any more.
  if (order.ending !== null) {
    return [
      look,
      go('saves a cancel', { at: 'contest', nonce }, signing.saved(state, hash(nonce, 'cancel'))),
    ];
  }
  if (!rules.feeRaises) return [...ends, look];
  const another = signing.saved(state, hash(nonce, name));
  return [...ends, look, go('saves another swap', { at: 'name another', nonce }, another)];
}

/** Before `submitted` an order ends at once; after it, it records how it will end and a cancellation competes for its nonce. */
function giveUp({ rules, commit }: Turn, order: State['order'], as: 'cancelled' | 'failed'): Steps {
  const atOnce =
    order.status === 'signing' || (rules.mistake === 'deadline fails at once' && as === 'failed');
  return [commit(`gives up as ${as}`, order, atOnce ? { status: as } : { ending: as })];
}
