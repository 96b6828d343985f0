/** Contests the reservation's nonce, and waits until the chain has decided. */
import type { CancelOutcome, SentInput } from '../../../machines/order/types.ts';
import { sleep } from '../../runtime/time.ts';
import { fillOf } from './confirm.ts';
import { sendReplacement } from './replacement.ts';
import { accountIdOf, type EvmDeps } from './deps.ts';
import { settle } from './settle.ts';
import { findNonceStatus } from './nonce-status.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export async function cancelSwap(
  deps: EvmDeps,
  signer: TransactionSigner,
  input: SentInput,
  signal: AbortSignal,
): Promise<CancelOutcome> {
  const { ledger, settings, clock } = deps;
  const owner = { orderId: input.terms.orderId, epoch: input.epoch };
  const accountId = accountIdOf(deps.chainId, signer.address);
  let passedOverSince = clock.now();
  for (;;) {
    signal.throwIfAborted();
    const nonceStatus = await findNonceStatus(deps, signer, owner);
    if (nonceStatus.at === 'closed') {
      const fill = await fillOf(deps, input, nonceStatus.outcome);
      return fill === null ? { outcome: 'unfilled' } : { outcome: 'filled', fill };
    }
    if (nonceStatus.reservation.state === 'armed') {
      await ledger.reservations.move(accountId, owner, 'armed', 'cancelling');
      continue;
    }
    if (nonceStatus.reservation.state === 'reserved') {
      // Nothing of it was ever sent, and now nothing will be.
      await ledger.reservations.move(accountId, owner, 'reserved', 'void');
      continue;
    }
    if (await settle(deps, signer, nonceStatus)) continue;
    if (nonceStatus.at === 'unused') {
      const isPassedOver = nonceStatus.isNext && clock.now() - passedOverSince >= settings.raiseAfterMs;
      if (isPassedOver || !nonceStatus.isNext) passedOverSince = clock.now();
      await sendReplacement(deps, signer, nonceStatus, isPassedOver);
    }
    await sleep(settings.pollMs, signal);
  }
}
