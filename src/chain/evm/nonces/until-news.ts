/** What orders wait for between two looks at their nonce: something that the tracked chain shows without a request. */
import { onceAborted } from '../../../runtime/abort.ts';
import { sleep } from '../../../runtime/time.ts';
import { asHex } from '../sign-and-store.ts';
import { isUnfilled, type NonceStatus } from './nonce-status.ts';
import type { AccountContext, SignerAddress } from '../submitter-context.ts';

/** After so many poll intervals the status is read again without news: another process may have signed, sent or closed. */
export const RECHECK_POLLS = 20;
/** Of the interval between blocks: the pause where the chain shows something that the nodes do not answer yet. */
const LAGGING_PAUSE = 0.1;

export interface NewsContext extends AccountContext {
  readonly settings: AccountContext['settings'] & { readonly pollMs: number };
}

/**
 * Resolves when the status may be another: a block holds one of its transactions, or no longer; the nonce is used; the outcome is
 * final; or it was not read for a while.
 * @throws EffectError `wait`; the signal's reason
 */
export async function untilNews(
  context: NewsContext,
  signer: SignerAddress,
  status: NonceStatus,
  signal: AbortSignal,
): Promise<void> {
  const { node, settings } = context;
  signal.throwIfAborted();
  let { hash: seen } = await node.head();
  if (await isNews(context, signer, status)) {
    // Read just now, and not answered so: a node lags behind the head.
    await sleep(Math.max(settings.pollMs, LAGGING_PAUSE * (node.blockIntervalMs() ?? 0)), signal);
    return;
  }
  const stop = new AbortController();
  const stopListening = onceAborted(signal, (reason) => stop.abort(reason));
  const recheck = sleep(RECHECK_POLLS * settings.pollMs, stop.signal).then(() => null);
  try {
    for (;;) {
      const head = await Promise.race([recheck, node.next(seen, stop.signal)]);
      if (head === null || (await isNews(context, signer, status))) return;
      seen = head.hash;
    }
  } finally {
    stopListening();
    recheck.catch(() => undefined);
    stop.abort();
  }
}

async function isNews(
  { node, settings }: NewsContext,
  { address }: SignerAddress,
  status: NonceStatus,
): Promise<boolean> {
  switch (status.at) {
    case 'closed':
    case 'used':
      return true;
    case 'unused': {
      if (status.attempts.some(({ hash }) => node.blockOf(asHex(hash)) !== null)) return true;
      return (await node.transactionCount(address)) > status.reservation.nonce;
    }
    case 'mined': {
      const { blockNumber, blockHash, transactionHash } = status.receipt;
      const { number: head } = await node.head();
      if (node.keeps(blockNumber) && node.blockOf(transactionHash)?.hash !== blockHash) return true;
      if (head - blockNumber < BigInt(settings.confirmations)) return false;
      if (!isUnfilled(status) || settings.finality === 'confirmations') return true;
      const finalized = await node.finalized();
      return finalized === null || finalized >= blockNumber;
    }
  }
}
