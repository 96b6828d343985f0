/**
 * Named points at which a process can be made to crash: `CRASH_AT=worker.committed#37` kills it with SIGKILL the 37th time it
 * passes that point. The fault suite depends on the names. Each point leaves the outside world in a state that recovery must
 * distinguish from those of the points beside it.
 */
import type { EffectName } from '../machines/order/types.ts';

export const CRASH_POINTS = [
  /** The submission is valid. Nothing is written. */
  'submission.received',
  /** The amount is added to its day's total, if that is limited. The order is not stored. */
  'submission.counted',
  /** The order is durable. It has not been acknowledged. */
  'submission.stored',
  /** The store is about to make a commit durable. */
  'store.committing',
  /** The commit is durable. Its caller does not know yet. */
  'store.committed',
  /** The wake-up has arrived. The order is not claimed. */
  'worker.woken',
  /** The order is claimed by this worker. It does not run yet. */
  'worker.claimed',
  /** A transition was taken in memory. It is not stored. */
  'worker.committing',
  /** The transition is durable. Its effect has not begun, and it has not been announced. */
  'worker.committed',
  /** The transition was announced. */
  'worker.announced',
  /** The order waits without a worker. */
  'worker.parked',
  /** A nonce is reserved. Nothing is signed for it. */
  'submitter.allocated',
  /** The bytes are signed but not stored. */
  'submitter.signed',
  /** The bytes are stored. The order does not know yet. */
  'submitter.stored',
  /** The reservation is armed: its bytes may be sent. */
  'submitter.armed',
  /** The bytes are about to be sent. */
  'submitter.sending',
  /** The bytes were sent. The order does not know yet. */
  'submitter.sent',
  /** The chain's answer is final. The reservation is not closed. */
  'submitter.receipt',
] as const;

export type CrashPoint =
  (typeof CRASH_POINTS)[number] | `effect.${EffectName}.begun` | `effect.${EffectName}.ended`;

/** Called at each point. Does nothing unless the process is set to crash there. */
export type PassCrashPoint = (point: CrashPoint) => void;

export const passNothing: PassCrashPoint = () => undefined;

/** @param setting the value of `CRASH_AT`: `name` or `name#nth` */
export function crashAt(setting: string, kill: () => void): PassCrashPoint {
  const [name, nth = '1'] = setting.split('#');
  let left = Number(nth);
  return (point) => {
    if (point === name && --left === 0) kill();
  };
}
