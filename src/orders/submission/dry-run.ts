/** Checks a submission as `submit-order.ts` does, and accepts nothing: nothing is stored, counted or woken. */
import type { OrderTerms } from '../../../machines/order/types.ts';
import type { OrderStore } from '../../store/ports.ts';
import { checkSubmission } from './check-submission.ts';
import { termsOf } from './new-order.ts';
import { orderIdOf, requestHashOf } from './order-id.ts';
import { repeated, tooManyOrders, type SubmitDeps, type SubmitRequest } from './submit-order.ts';
import { validToOf } from './valid-to.ts';

export interface DryRunResult {
  /** False: the key has an order already, and a submission would answer it. */
  readonly wouldCreate: boolean;
  /** Of the key; null: without a key the order's id is drawn when it is submitted. */
  readonly orderId: string | null;
  /** What the order would ask for, with defaults. */
  readonly terms: Omit<OrderTerms, 'orderId' | 'owner'>;
}

/**
 * What a submission would be answered now. Another request may change that before it is sent.
 * @throws what `submitOrder` throws
 */
export type DryRun = (request: SubmitRequest) => Promise<DryRunResult>;

type DryRunDeps = Pick<SubmitDeps, 'tokens' | 'contracts' | 'limits' | 'clock'> & {
  readonly store: Pick<OrderStore, 'load' | 'countOpen'>;
  readonly openOrders: Pick<SubmitDeps['openOrders'], 'limit'>;
};

export function dryRun({ store, openOrders, tokens, contracts, limits, clock }: DryRunDeps): DryRun {
  return async ({ owner, idempotencyKey, body, submission }) => {
    const at = clock.now();
    const orderId = idempotencyKey === null ? null : orderIdOf(owner, idempotencyKey);
    const existing = orderId === null ? null : await store.load(orderId);
    if (existing !== null) {
      repeated(existing, requestHashOf(body));
      const terms = termsOf(submission, submission.validTo ?? validToOf(undefined, existing.createdAt));
      return { wouldCreate: false, orderId, terms };
    }
    const validTo = validToOf(submission.validTo, at);
    checkSubmission(submission, tokens, contracts);
    limits.check(submission);
    if ((await store.countOpen()) >= openOrders.limit) throw tooManyOrders(openOrders.limit);
    await limits.checkDay({ owner, submission, at });
    return { wouldCreate: true, orderId, terms: termsOf(submission, validTo) };
  };
}
