/** Drives an order through a submitter as the order machine would, on any number of workers at once. */
import { EffectError } from '../../machines/order/effect-error.ts';
import type {
  Fill,
  OrderTerms,
  Report,
  SentInput,
  TransactionRef,
  UnsignedSwap,
} from '../../machines/order/types.ts';
import type { Execution, Submitter } from '../../src/chain/port.ts';

export interface Driven {
  readonly fill: Fill;
  /** What was met on the way: codes of failures, outcomes that were not the hoped-for, reports. */
  readonly met: readonly string[];
  readonly transactions: readonly TransactionRef[];
  readonly epoch: number;
}

/** @param submitters each effect runs on all of them at once, as when a stale worker goes on; the first one's answer counts */
export async function driveOrder(
  submitters: readonly [Submitter, ...Submitter[]],
  { terms, swap }: { readonly terms: OrderTerms; readonly swap: UnsignedSwap },
): Promise<Driven> {
  const met: string[] = [];
  const [submitter] = submitters;
  const signer = await submitter.assignSigner(terms);
  let epoch = 1;
  let transactions: TransactionRef[] = [];

  const report = (told: Report): Promise<void> => {
    met.push(told.type);
    if (told.type === 'REPLACED') transactions = [...transactions, told.transaction];
    return Promise.resolve();
  };
  const execution: Execution = {
    signal: new AbortController().signal,
    durable: () => Promise.resolve(),
    report,
  };
  const sent = (): SentInput => ({ terms, venue: swap.venue, signer, epoch, transactions });

  /** The effect on every worker; null when it failed and is to be tried again. */
  async function act<T>(effect: (on: Submitter) => Promise<T>): Promise<T | null> {
    const [answer] = await Promise.allSettled(submitters.map(effect));
    if (answer?.status === 'fulfilled') return answer.value;
    const thrown: unknown = answer?.reason;
    if (!(thrown instanceof EffectError)) throw thrown;
    met.push(thrown.code);
    if (thrown.kind === 'replace') epoch += 1;
    else if (thrown.kind === 'fail' || met.length > 100) throw thrown;
    return null;
  }

  for (;;) {
    const signed = await act((on) => on.sign({ terms, swap, signer, epoch }, execution));
    if (signed === null) continue;
    transactions = [...transactions, signed.transaction];
    for (let reverted = false; !reverted;) {
      if ((await act((on) => on.broadcast(sent(), execution))) === null) continue;
      const mined = await act((on) => on.mine(sent(), execution));
      if (mined === null) continue;
      if (mined.outcome !== 'included') met.push(mined.outcome);
      if (mined.outcome === 'reverted') {
        if (mined.failure.kind === 'fail') throw new Error(mined.failure.code);
        reverted = true;
        epoch += 1;
      }
      if (mined.outcome !== 'included') continue;
      const confirmed = await act((on) => on.confirm(sent(), execution));
      if (confirmed?.outcome === 'filled') return { fill: confirmed.fill, met, transactions, epoch };
      if (confirmed !== null) met.push(confirmed.outcome);
    }
  }
}
