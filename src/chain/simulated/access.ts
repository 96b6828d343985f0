/** How the simulated submitter's methods use its file: what they share, and how they fail. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Failure, SentInput } from '../../../machines/order/types.ts';
import { untilAborted } from '../../runtime/abort.ts';
import { sleep } from '../../runtime/time.ts';
import { LockTimeout } from '../../sqlite/errors.ts';
import type { GroupCommit } from '../../sqlite/group-commit.ts';
import { patiently, type LockPatience } from '../../sqlite/lock-patience.ts';
import type { BlockTime } from './block-time.ts';
import type { SimulatedChain } from './chain.ts';
import { refusalOf, type ChainOperation, type FaultOf, type FaultPlan } from './faults.ts';
import type { Receipt, SimulatedLedger, NonceReservation, StoredTransaction } from './ledger.ts';
import type { SimulatedSubmitterOptions } from './settings.ts';

interface Parts extends SimulatedSubmitterOptions {
  readonly ledger: SimulatedLedger;
  readonly blocks: BlockTime;
  readonly chain: SimulatedChain;
  readonly faults: FaultPlan;
  readonly writes: GroupCommit;
  readonly patience: LockPatience;
}

/** A reservation as it stands, with the receipt of its nonce, or else all that was signed for it, highest fee first. */
export type NonceStatus = { readonly reservation: NonceReservation } & (
  { readonly receipt: Receipt } | { readonly receipt: null; readonly signed: readonly StoredTransaction[] }
);

export interface ChainAccess extends Parts {
  /**
   * Resolves once durable. A change that answers a failure is durable too; the failure is then thrown. A change whose signal has
   * aborted before it runs does nothing.
   */
  readonly write: <T extends object>(signal: AbortSignal, change: () => T | Failure) => Promise<T>;
  /** Makes the blocks whose time has come. */
  readonly mineDue: (signal: AbortSignal) => Promise<void>;
  /** Meets at most one fault of the plan, before anything else. @throws EffectError if it is a refusal */
  meetFault<Operation extends ChainOperation>(
    operation: Operation,
    input: SentInput,
    signal: AbortSignal,
  ): Promise<FaultOf<Operation> | undefined>;
  /** @throws EffectError when the order has no reservation */
  nonceStatus(input: SentInput): Promise<NonceStatus>;
  /** Resolves at that time (Unix milliseconds) of the clock. */
  until(at: number, signal: AbortSignal): Promise<void>;
}

export const RESERVATION_UNKNOWN: Failure = {
  kind: 'wait',
  code: 'slot_unknown',
  message: "The signer's ledger does not know this order: whether it executed is not known",
};

/** From `validTo` on no swap of an order is sent; it contests its nonce. Null: that is still to come. */
export function expiryOf(
  { blocks, clock }: Pick<ChainAccess, 'blocks' | 'clock'>,
  { terms: { validTo } }: SentInput,
): Failure | null {
  if (blocks.secondsAt(clock.now()) < validTo) return null;
  return { kind: 'fail', code: 'expired', message: 'validTo passed before the swap was mined' };
}

/** What it means for an order to find its reservation beyond use. Only a void one is lost for certain. */
export function reservationFailure({ signer, nonce, state }: NonceReservation): Failure {
  const which = `nonce ${nonce} of ${signer}`;
  return state === 'void'
    ? { kind: 'replace', code: 'slot_lost', message: `${which} was given up: another is needed` }
    : { kind: 'retry', code: `slot_${state}`, message: `${which} is ${state}: the receipt decides` };
}

export function chainAccess(parts: Parts): ChainAccess {
  const { ledger, chain, faults, writes, clock, patience } = parts;

  async function write<T extends object>(signal: AbortSignal, change: () => T | Failure): Promise<T> {
    const changeUnlessAborted = (): T | Failure => {
      signal.throwIfAborted();
      return change();
    };
    // A file that stays locked must not hold up a caller that has given up.
    const result = await untilAborted(writes.write(changeUnlessAborted), signal).catch((thrown: unknown) => {
      throw signal.aborted ? thrown : unreachable(thrown);
    });
    if (isFailure(result)) throw new EffectError(result.kind, result.code, result.message);
    return result;
  }

  return {
    ...parts,
    write,

    async mineDue(signal) {
      await write(signal, () => {
        chain.mineDue(clock.now());
        return {};
      });
    },

    async meetFault(operation, { terms: { orderId }, epoch }, signal) {
      signal.throwIfAborted();
      if (faults.faultsOf(operation, orderId, epoch).length === 0) return undefined;
      const met = await write(signal, () => {
        const fault = chain.meet(operation, { orderId, epoch });
        return refusalOf(fault) ?? { fault };
      });
      return met.fault;
    },

    async nonceStatus({ terms, epoch }) {
      const found = await patiently((): NonceStatus | null => {
        const reservation = ledger.reservation(terms.orderId, epoch);
        if (reservation === undefined) return null;
        const receipt = ledger.receipt(reservation);
        return receipt === undefined
          ? { reservation, receipt: null, signed: ledger.transactionsOf(reservation) }
          : { reservation, receipt };
      }, patience).catch((thrown: unknown) => {
        throw unreachable(thrown);
      });
      if (found === null)
        throw new EffectError('wait', RESERVATION_UNKNOWN.code, RESERVATION_UNKNOWN.message);
      return found;
    },

    async until(at, signal) {
      for (let ms = at - clock.now(); ms > 0; ms = at - clock.now()) await sleep(ms, signal);
    },
  };
}

function isFailure(result: object): result is Failure {
  return 'kind' in result && 'code' in result && 'message' in result;
}

/** The file could not be used: nothing is known about what was asked of it. */
function unreachable(cause: unknown): EffectError {
  return cause instanceof LockTimeout
    ? new EffectError('wait', 'ledger_busy', "Another process holds the signer's ledger", { cause })
    : new EffectError('retry', 'ledger_unavailable', "The signer's ledger cannot be used", { cause });
}
