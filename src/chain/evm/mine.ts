/** Waits until a transaction of the reservation is mined; sends again what the chain forgot, and raises the fee of what it passes over. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Failure, MiningOutcome, SentInput, TransactionRef } from '../../../machines/order/types.ts';
import type { Attempt, NonceOutcome } from '../../store/ledger.ts';
import { sleep } from '../../runtime/time.ts';
import type { Execution } from '../port.ts';
import { names, sendOnce } from './broadcast.ts';
import type { EvmDeps } from './deps.ts';
import { replacementFees, type Fees } from './node/fees.ts';
import { settle } from './settle.ts';
import { referenceTo } from './sign-swap.ts';
import { asHex, callOf, presentFees, signAndKeep, type Call } from './sign-and-store.ts';
import { outcomeOf, findNonceStatus, type NonceStatus } from './nonce-status.ts';
import { SIGNER_HALTED, type TransactionSigner } from './signing/transaction-signer.ts';

const REVERT_NOT_FINAL: Failure = {
  kind: 'wait',
  code: 'revert_not_final',
  message: 'The transaction reverted; it is waited for until that is final',
};
const RESERVATION_LOST: Failure = {
  kind: 'reroute',
  code: 'slot_lost',
  message: 'The nonce was used by another transaction: nothing was swapped',
};
const FEE_TOO_LOW: Failure = {
  kind: 'wait',
  code: 'fee_too_low',
  message: 'The chain passes the transaction over: its fee is being raised',
};
const FEE_LIMIT: Failure = {
  kind: 'wait',
  code: 'fee_limit',
  message: 'The chain passes the transaction over, and more than MAX_FEE_GWEI is never offered',
};

export async function mineSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  input: SentInput,
  { signal, report }: Execution,
): Promise<MiningOutcome> {
  const { settings, clock, node } = deps;
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  let transactions: readonly TransactionRef[] = input.transactions;
  let passedOverSince = clock.now();
  let told = '';

  /** Once, not at each look. */
  async function tell(failure: Failure): Promise<void> {
    if (told === failure.code) return;
    told = failure.code;
    await report({ type: 'WAITING', failure });
  }

  for (;;) {
    signal.throwIfAborted();
    const nonceStatus = await findNonceStatus(deps, signer, owner);
    if (
      nonceStatus.at === 'mined' &&
      nonceStatus.attempt.kind === 'swap' &&
      nonceStatus.receipt.status === 'success'
    ) {
      return included(outcomeOf(nonceStatus));
    }
    if (nonceStatus.at === 'closed') return ended(nonceStatus.outcome);
    if (nonceStatus.at === 'mined' && !nonceStatus.isFinal) await tell(REVERT_NOT_FINAL);
    if (await isSettled(nonceStatus)) continue;
    if (nonceStatus.at === 'unused') {
      if (nonceStatus.reservation.state === 'reserved') return { outcome: 'dropped' };
      if (nonceStatus.reservation.state === 'armed') await keepOnItsWay(nonceStatus);
    }
    await sleep(settings.pollMs, signal);
  }

  async function isSettled(nonceStatus: NonceStatus): Promise<boolean> {
    try {
      return await settle(deps, signer, nonceStatus);
    } catch (thrown) {
      // For as long as nobody has looked: it is told, and waited for here.
      if (!(thrown instanceof EffectError) || thrown.code !== SIGNER_HALTED) throw thrown;
      await tell({ kind: 'wait', code: thrown.code, message: thrown.message });
      return false;
    }
  }

  async function keepOnItsWay(nonceStatus: NonceStatus & { readonly at: 'unused' }): Promise<void> {
    const sent = nonceStatus.attempts.filter((each) => each.kind === 'swap' && names({ transactions }, each));
    const last = sent.at(-1);
    if (last === undefined) throw unnamed(input);
    let isTooLow = false;
    if (!(await isKnown(sent))) isTooLow = (await sendOnce(deps, last)) === 'fee_too_low';
    if (!nonceStatus.isNext) passedOverSince = clock.now();
    if (!isTooLow && clock.now() - passedOverSince < settings.raiseAfterMs) return;
    passedOverSince = clock.now();
    const fees = replacementFees(nonceStatus.attempts, await presentFees(deps), settings);
    await tell(fees === null ? FEE_LIMIT : FEE_TOO_LOW);
    if (fees !== null) await raise(nonceStatus, callOf(last), fees);
  }

  async function isKnown(sent: readonly Attempt[]): Promise<boolean> {
    const known = await Promise.all(sent.map(({ hash }) => node.knows(asHex(hash))));
    return known.includes(true);
  }

  /** Stored, then told to the order, then sent: an order never executes by a transaction that it does not know. */
  async function raise({ reservation }: NonceStatus, call: Call, fees: Fees): Promise<void> {
    signal.throwIfAborted();
    const raised = await signAndKeep(deps, {
      signer,
      reservation,
      kind: 'swap',
      call,
      fees,
      allowed: ['armed'],
    });
    if (raised === null) return;
    const transaction = referenceTo(signer, raised);
    await report({ type: 'REPLACED', transaction });
    transactions = [...transactions, transaction];
    await sendOnce(deps, raised);
  }

  async function ended({ kind, hash, status, block }: NonceOutcome): Promise<MiningOutcome> {
    if (kind !== 'swap') return { outcome: 'reverted', hash, failure: RESERVATION_LOST };
    if (status === 'success') return included({ kind, hash, status, block });
    const failure = deps.venues.failureOf(input.venue, await node.revertData(asHex(hash)));
    return { outcome: 'reverted', hash, failure };
  }
}

function included({ hash, block }: NonceOutcome): MiningOutcome {
  return { outcome: 'included', hash, block };
}

function unnamed({ terms }: SentInput): EffectError {
  return new EffectError(
    'fail',
    'transaction_unknown',
    `Nothing that order ${terms.orderId} names was signed`,
  );
}
