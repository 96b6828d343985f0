/** Repeats a resender's passes: once a block while a nonce is open, and rarely while none is. */
import type { Address, Hash } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { onceAborted } from '../../runtime/abort.ts';
import { sleep } from '../../runtime/time.ts';
import { StoreUnavailable } from '../../store/ports.ts';
import type { PassResult, Resender, ResenderContext } from './resender.ts';
import { RECHECK_POLLS } from './nonces/until-news.ts';

/** After a pass that failed, in poll intervals. */
const FAILED_POLLS = 4;

/** Resolves once the signal aborts. What other processes reserve is seen after `RECHECK_POLLS` poll intervals at the latest. */
export async function runResender(
  { node, settings, log }: Pick<ResenderContext, 'node' | 'settings' | 'log'>,
  resender: Resender,
  signer: Address,
  signal: AbortSignal,
): Promise<void> {
  const recheckMs = RECHECK_POLLS * settings.pollMs;
  const isStopped = (): boolean => signal.aborted;
  while (!isStopped()) {
    try {
      await pauseAfter(await resender.runOnce());
    } catch (thrown) {
      if (isStopped()) return;
      logFailure(thrown);
      await sleep(FAILED_POLLS * settings.pollMs, signal).catch(() => undefined);
    }
  }

  function pauseAfter({ seen, hasMoved }: PassResult): Promise<unknown> {
    if (hasMoved) return sleep(settings.pollMs, signal);
    return seen === null ? sleep(recheckMs, signal) : untilNextBlock(seen);
  }

  async function untilNextBlock(seen: Hash): Promise<void> {
    const stop = new AbortController();
    const stopListening = onceAborted(signal, (reason) => stop.abort(reason));
    const recheck = sleep(recheckMs, stop.signal);
    try {
      await Promise.race([recheck, node.next(seen, stop.signal)]);
    } finally {
      stopListening();
      recheck.catch(() => undefined);
      stop.abort();
    }
  }

  function logFailure(thrown: unknown): void {
    if (thrown instanceof EffectError || thrown instanceof StoreUnavailable) {
      log.info({ signer, why: thrown.message }, 'the resender waits');
    } else log.error({ err: thrown, signer }, 'the resender failed');
  }
}
