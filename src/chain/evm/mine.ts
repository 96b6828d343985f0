/** Waits until a transaction of the slot is mined; sends again what the chain forgot, and raises the fee of what it passes over. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Failure, MiningOutcome, SentInput, TransactionRef } from '../../../machines/order/types.ts';
import type { Attempt, SlotOutcome } from '../../store/ledger.ts';
import { sleep } from '../../time.ts';
import type { Execution } from '../port.ts';
import { names, sendOnce } from './broadcast.ts';
import type { EvmDeps } from './evm-deps.ts';
import { replacementFees, type Fees } from './fees.ts';
import { settle } from './settle.ts';
import { referenceTo } from './sign-swap.ts';
import { asHex, callOf, presentFees, signAndKeep, type Call } from './signing.ts';
import { outcomeOf, standingOf, type Standing } from './standing.ts';
import { SIGNER_HALTED, type TransactionSigner } from './transaction-signer.ts';

const REVERT_NOT_FINAL: Failure = {
  kind: 'wait',
  code: 'revert_not_final',
  message: 'The transaction reverted; it is waited for until that is final',
};
const SLOT_LOST: Failure = {
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
    const standing = await standingOf(deps, signer, owner);
    if (
      standing.at === 'mined' &&
      standing.attempt.kind === 'swap' &&
      standing.receipt.status === 'success'
    ) {
      return included(outcomeOf(standing));
    }
    if (standing.at === 'closed') return ended(standing.outcome);
    if (standing.at === 'mined' && !standing.isFinal) await tell(REVERT_NOT_FINAL);
    if (await isSettled(standing)) continue;
    if (standing.at === 'unused') {
      if (standing.slot.state === 'reserved') return { outcome: 'dropped' };
      if (standing.slot.state === 'armed') await keepOnItsWay(standing);
    }
    await sleep(settings.pollMs, signal);
  }

  async function isSettled(standing: Standing): Promise<boolean> {
    try {
      return await settle(deps, signer, standing);
    } catch (thrown) {
      // For as long as nobody has looked: it is told, and waited for here.
      if (!(thrown instanceof EffectError) || thrown.code !== SIGNER_HALTED) throw thrown;
      await tell({ kind: 'wait', code: thrown.code, message: thrown.message });
      return false;
    }
  }

  async function keepOnItsWay(standing: Standing & { readonly at: 'unused' }): Promise<void> {
    const sent = standing.attempts.filter((each) => each.kind === 'swap' && names({ transactions }, each));
    const last = sent.at(-1);
    if (last === undefined) throw unnamed(input);
    let isTooLow = false;
    if (!(await isKnown(sent))) isTooLow = (await sendOnce(deps, last)) === 'fee_too_low';
    if (!standing.isNext) passedOverSince = clock.now();
    if (!isTooLow && clock.now() - passedOverSince < settings.raiseAfterMs) return;
    passedOverSince = clock.now();
    const fees = replacementFees(standing.attempts, await presentFees(deps), settings);
    await tell(fees === null ? FEE_LIMIT : FEE_TOO_LOW);
    if (fees !== null) await raise(standing, callOf(last), fees);
  }

  async function isKnown(sent: readonly Attempt[]): Promise<boolean> {
    const known = await Promise.all(sent.map(({ hash }) => node.knows(asHex(hash))));
    return known.includes(true);
  }

  /** Stored, then told to the order, then sent: an order never executes by a transaction that it does not know. */
  async function raise({ slot }: Standing, call: Call, fees: Fees): Promise<void> {
    signal.throwIfAborted();
    const raised = await signAndKeep(deps, { signer, slot, kind: 'swap', call, fees, allowed: ['armed'] });
    if (raised === null) return;
    const transaction = referenceTo(signer, raised);
    await report({ type: 'REPLACED', transaction });
    transactions = [...transactions, transaction];
    await sendOnce(deps, raised);
  }

  async function ended({ kind, hash, status, block }: SlotOutcome): Promise<MiningOutcome> {
    if (kind !== 'swap') return { outcome: 'reverted', hash, failure: SLOT_LOST };
    if (status === 'success') return included({ kind, hash, status, block });
    const failure = deps.venues.failureOf(input.venue, await node.revertData(asHex(hash)));
    return { outcome: 'reverted', hash, failure };
  }
}

function included({ hash, block }: SlotOutcome): MiningOutcome {
  return { outcome: 'included', hash, block };
}

function unnamed({ terms }: SentInput): EffectError {
  return new EffectError(
    'fail',
    'transaction_unknown',
    `Nothing that order ${terms.orderId} names was signed`,
  );
}
