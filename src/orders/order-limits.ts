/**
 * What orders may ask for, as whoever runs this has set it. Judged when an order is accepted and never again: what was accepted
 * is executed, and counts for its day whatever becomes of it. An amount is counted before its order is stored: a crash between
 * both, or a store that does not answer, counts what was never sold, and nothing that is sold is left uncounted.
 */
import { parseAmount, printAmount } from '../../machines/amount.ts';
import { FillstreamError } from '../errors.ts';
import type { Submission } from '../protocol/requests.ts';
import type { Limits } from '../settings/limits-file.ts';
import type { TokenName } from '../settings/token-names.ts';
import { dayOf, endOfDay, type DayTotals } from '../store/day-totals.ts';

interface Counted {
  readonly orderId: string;
  readonly owner: string;
  readonly submission: Submission;
  /** When the order is created: Unix milliseconds. */
  readonly at: number;
}

export interface OrderLimits {
  /** @throws FillstreamError token_not_allowed, recipient_not_allowed, limit_per_order */
  judge(submission: Submission): void;
  /** Whether it is counted by `count`. */
  isCounted(submission: Submission): boolean;
  /** Once for an order and an amount, however often it is asked. @throws FillstreamError limit_per_day; StoreUnavailable */
  count(order: Counted): Promise<void>;
}

export const NO_LIMITS: OrderLimits = {
  judge: () => undefined,
  isCounted: () => false,
  count: () => Promise.resolve(),
};

export function orderLimits(limits: Limits, nameOf: TokenName, dayTotals: DayTotals): OrderLimits {
  const { perOrder, perOwnerAndDay, allowedTokens, allowedRecipients } = limits;

  /** Null: this token has none, or is not traded. */
  function limitOf(by: ReadonlyMap<string, bigint>, token: string): bigint | null {
    const name = nameOf(token);
    return name === null ? null : (by.get(name) ?? null);
  }

  function judgeTokens(submission: Submission): void {
    if (allowedTokens === null) return;
    const refused = (['sellToken', 'buyToken'] as const).filter((field) => {
      const name = nameOf(submission[field]);
      return name === null || !allowedTokens.has(name);
    });
    if (refused.length === 0) return;
    const errors = refused.map((field) => ({
      field: `/${field}`,
      message: `${submission[field]} may not be traded here`,
    }));
    throw new FillstreamError(
      'token_not_allowed',
      `${refused.map((field) => submission[field]).join(' and ')} may not be traded here`,
      { errors },
    );
  }

  function judgeRecipient({ recipient }: Submission): void {
    if (allowedRecipients === null || recipient === undefined) return;
    if (allowedRecipients.has(recipient.toLowerCase())) return;
    throw new FillstreamError(
      'recipient_not_allowed',
      `${recipient} is none of the recipients that orders may name here`,
      { errors: [{ field: '/recipient', message: 'expected an allowed recipient, or none: the signer' }] },
    );
  }

  function judgeAmount({ sellToken, sellAmount }: Submission): void {
    const most = limitOf(perOrder, sellToken);
    if (most === null || parseAmount(sellAmount) <= most) return;
    throw new FillstreamError(
      'limit_per_order',
      `${sellAmount} of ${sellToken} is more than one order may sell, which is ${printAmount(most)}`,
      { limit: { token: sellToken, asked: sellAmount, most: printAmount(most) } },
    );
  }

  return {
    judge(submission) {
      judgeTokens(submission);
      judgeRecipient(submission);
      judgeAmount(submission);
    },

    isCounted: ({ sellToken }) => limitOf(perOwnerAndDay, sellToken) !== null,

    async count({ orderId, owner, submission: { sellToken: token, sellAmount: asked }, at }) {
      const [name, most] = [nameOf(token), limitOf(perOwnerAndDay, token)];
      if (name === null || most === null) return;
      const day = dayOf(at);
      // With the amount in it: of two bodies under one key, sent at once, it is not known which becomes the order.
      const id = `${orderId}/${asked}`;
      const added = await dayTotals.add(
        { owner, token: name, day },
        { id, amount: parseAmount(asked), most },
      );
      if (added.isAdded) return;
      const left = printAmount(added.total < most ? most - added.total : 0n);
      const renewsAt = new Date(endOfDay(day)).toISOString();
      throw new FillstreamError(
        'limit_per_day',
        `${asked} of ${token} is more than the ${left} that are left of ${printAmount(most)} until ${renewsAt}`,
        { limit: { token, asked, most: printAmount(most), left, renewsAt } },
      );
    },
  };
}
