/**
 * Named instructions at which the process can be told to die: `CRASH_AT=worker.committed#37` kills it with SIGKILL the
 * 37th time it comes by. The names are a contract with the fault suite: a point is where a crash leaves the outside world
 * in a state that recovery has to tell from its neighbours.
 */
import type { EffectName } from '../machines/order/types.ts';

export const CRASH_POINTS = [
  /** The submission is valid; nothing is written. */
  'submission.received',
  /** Its amount counts for its day, where that is limited; the order is not stored. */
  'submission.counted',
  /** The order is durable; nobody was told. */
  'submission.stored',
  /** The store is about to make a commit durable. */
  'store.committing',
  /** It is durable; no caller knows. */
  'store.committed',
  /** The wake-up has come; the order is not claimed. */
  'worker.woken',
  /** The order names this worker; nothing runs. */
  'worker.claimed',
  /** A transition was taken in memory; it is not written. */
  'worker.committing',
  /** The transition is durable; its effect has not begun and nobody was told. */
  'worker.committed',
  /** Everybody was told. */
  'worker.announced',
  /** The order was handed back to wait. */
  'worker.parked',
  /** A nonce is taken; nothing is signed for it. */
  'submitter.allocated',
  /** The bytes are signed and not stored. */
  'submitter.signed',
  /** The bytes are stored; the order does not know. */
  'submitter.stored',
  /** The reservation is armed: its bytes may leave. */
  'submitter.armed',
  /** About to be sent. */
  'submitter.sending',
  /** Executed; the order does not know. */
  'submitter.sent',
  /** The chain's answer is final; its reservation is not closed. */
  'submitter.receipt',
] as const;

export type CrashPoint =
  (typeof CRASH_POINTS)[number] | `effect.${EffectName}.begun` | `effect.${EffectName}.ended`;

/** Called on the way by each point. Does nothing unless the process was told to die there. */
export type PassCrashPoint = (point: CrashPoint) => void;

export const passNothing: PassCrashPoint = () => undefined;

/** @param setting `name` or `name#nth`, as `CRASH_AT` has it */
export function crashAt(setting: string, kill: () => void): PassCrashPoint {
  const [name, nth = '1'] = setting.split('#');
  let left = Number(nth);
  return (point) => {
    if (point === name && --left === 0) kill();
  };
}
