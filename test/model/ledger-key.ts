/**
 * Two states that no later step can distinguish are one state. Each simplification says why no step sees the difference.
 * Without `simplified` the answers are the same and the model of two epochs has 1,880,380 states instead of 51,898.
 */
import type { Rules } from './ledger-rules.ts';
import { executions, isAbandoned, nonceOf } from './ledger-state.ts';
import type { Hash, Order, NonceReservation, State, Worker, WorkerName } from './ledger-state.ts';
import { REST } from './ledger-turn.ts';
import { reservationAt } from './signer-document.ts';

/** The state without what cannot matter any more. Only for the rules as they are: a mistake may make it matter. */
export function simplified(state: State, rules: Rules): State {
  if (!rules.simplified) return state;
  const { order, signer, chain, workers, resender } = state;
  const open = signer.open.map((reservation, index) =>
    simplifiedReservation(reservation, signer.base + index),
  );
  const fill: Hash[] = resender.at === 'void' ? [`${resender.nonce} fill`] : [];
  const named = new Set([...open.flatMap(({ hashes }) => hashes), ...inHand('S'), ...inHand('T'), ...fill]);
  return {
    ...state,
    signer: { ...signer, open },
    // Bytes that no reservation names are not sent before they are saved and named again.
    attempts: state.attempts.filter((hash) => named.has(hash)),
    workers: { S: simplifiedWorker(workers.S), T: simplifiedWorker(workers.T) },
  };

  function simplifiedReservation(reservation: NonceReservation, nonce: number): NonceReservation {
    // Of the hashes of a nonce that is used for good only one has a receipt.
    if (nonce < chain.final) {
      return {
        ...reservation,
        hashes: reservation.hashes.filter((hash) => hash === chain.mined[nonce]?.hash),
      };
    }
    // A swap is not sent from a void reservation, nor from an abandoned one, which is not armed any more (that is checked).
    if (reservation.state === 'void') return { ...reservation, hashes: [`${nonce} fill`] };
    return reservation.state === 'reserved' && isAbandoned(state, reservation)
      ? { ...reservation, hashes: [] }
      : reservation;
  }

  function inHand(name: WorkerName): readonly Hash[] {
    const worker = workers[name];
    switch (worker.at) {
      case 'name':
      case 'name another':
        return [`${worker.nonce} ${name}`];
      case 'contest':
        return [`${worker.nonce} cancel`];
      case 'send':
        return worker.hashes;
      default:
        return [];
    }
  }

  function simplifiedWorker(worker: Worker): Worker {
    switch (worker.at) {
      // It can only lose its compare-and-set.
      case 'reservation lost':
      case 'give up':
      case 'submit':
      case 'leave':
        return worker.order.version === order.version ? worker : REST;
      // What it will name is never sent.
      case 'save':
      case 'name': {
        const reservation = reservationAt(signer, worker.nonce);
        return reservation?.state !== 'reserved' || isAbandoned(state, reservation) ? REST : worker;
      }
      // What it will send is refused.
      case 'send':
        return worker.hashes.every((hash) => nonceOf(hash) < chain.final) ? REST : worker;
      default:
        return worker;
    }
  }
}

/** The workers are alike: a state and the one with their parts exchanged are one. */
export function keyOf(state: State): string {
  const { S, T } = state.workers;
  const asTheyAre = () => keyWith(state, S, T, (hash) => hash);
  const theOtherWay = () => keyWith(state, T, S, exchanged);
  // Mostly what they do decides which of them comes first; else the keys decide.
  const [one, other] = [S, T].map((worker) => workerKey(state.order, worker, ({ length }) => `${length}`));
  if (one !== other) return (one ?? '') < (other ?? '') ? asTheyAre() : theOtherWay();
  return [asTheyAre(), theOtherWay()].sort().join('|');
}

function exchanged(hash: Hash): string {
  if (hash.endsWith('S')) return `${nonceOf(hash)} T`;
  return hash.endsWith('T') ? `${nonceOf(hash)} S` : hash;
}

function keyWith(state: State, first: Worker, second: Worker, name: (hash: Hash) => string): string {
  const { order, signer, attempts, settled, chain, resender } = state;
  const all = (hashes: readonly Hash[]) => hashes.map(name).sort().join();
  return [
    orderKey(order),
    signer.base,
    ...signer.open.map(({ epoch, state, hashes }) => `${epoch}${state}${all(hashes)}`),
    all(attempts),
    // Of a nonce that left the document the order may still ask how it was used, if the order was submitted under it.
    ...settled.map((outcome, nonce) => (nonce < signer.base && nonce !== order.nonce ? '' : outcome)),
    executions(chain),
    ...chain.mined.map(({ hash, reverted }, nonce) =>
      nonce < signer.base ? '' : `${name(hash)}${reverted ? '!' : ''}`,
    ),
    chain.final,
    all(chain.mempool),
    chain.stale === null ? '' : `${name(chain.stale.hash)}${chain.stale.reverted ? '!' : ''}`,
    chain.expired === null ? '' : `${chain.expired} ${all(chain.sent)}${chain.sentLate ? '!' : ''}`,
    workerKey(order, first, all),
    workerKey(order, second, all),
    resender.at === 'rest' ? '' : resender.nonce,
  ].join(';');
}

/** `cancelled` and `failed` are one: no rule depends on which of them it is. */
function orderKey({ status, epoch, nonce, ending }: Order): string {
  if (status === 'cancelled' || status === 'failed') return 'not executed';
  return `${status}${epoch},${nonce ?? ''}${ending === null ? '' : 'ending'}`;
}

/** A version is only ever compared with the order's own: it is that one or an old one. */
function workerKey(order: Order, worker: Worker, all: (hashes: readonly Hash[]) => string): string {
  if (worker.at === 'rest') return '';
  const read = 'order' in worker ? readKey(order, worker.order) : '';
  const nonce = 'nonce' in worker ? worker.nonce : '';
  const hashes = 'hashes' in worker ? all(worker.hashes) : '';
  const rest = 'as' in worker ? worker.as : 'outcome' in worker ? worker.outcome : '';
  return [worker.at, read, nonce, hashes, rest].join(':');
}

function readKey(order: Order, read: Order): string {
  return read.version === order.version ? `as it is, ${read.epoch}` : orderKey(read);
}
