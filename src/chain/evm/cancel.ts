/** Contests the slot's nonce, and waits until the chain has decided. */
import type { CancelOutcome, SentInput } from '../../../machines/order/types.ts';
import { sleep } from '../../time.ts';
import { fillOf } from './confirm.ts';
import { contest } from './contest.ts';
import { laneOf, type EvmDeps } from './evm-deps.ts';
import { settle } from './settle.ts';
import { standingOf } from './standing.ts';
import type { TransactionSigner } from './transaction-signer.ts';

export async function cancelSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  input: SentInput,
  signal: AbortSignal,
): Promise<CancelOutcome> {
  const { ledger, settings, clock } = deps;
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  const lane = laneOf(deps.chainId, signer.address);
  let passedOverSince = clock.now();
  for (;;) {
    signal.throwIfAborted();
    const standing = await standingOf(deps, signer, owner);
    if (standing.at === 'closed') {
      const fill = await fillOf(deps, input, standing.outcome);
      return fill === null ? { outcome: 'unfilled' } : { outcome: 'filled', fill };
    }
    if (standing.slot.state === 'armed') {
      await ledger.slots.move(lane, owner, 'armed', 'cancelling');
      continue;
    }
    if (standing.slot.state === 'reserved') {
      // Nothing of it was ever sent, and now nothing will be.
      await ledger.slots.move(lane, owner, 'reserved', 'void');
      continue;
    }
    if (await settle(deps, signer, standing)) continue;
    if (standing.at === 'unused') {
      const isPassedOver = standing.isNext && clock.now() - passedOverSince >= settings.raiseAfterMs;
      if (isPassedOver || !standing.isNext) passedOverSince = clock.now();
      await contest(deps, signer, standing, isPassedOver);
    }
    await sleep(settings.pollMs, signal);
  }
}
