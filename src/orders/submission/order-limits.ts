/**
 * The operator's limits on orders. They are checked when an order is accepted and not again: an accepted order is executed, and
 * counts for its day regardless of how it ends. An amount is counted before its order is stored. A crash between the two, or a
 * store that does not answer, may count an amount that is never sold, but every sold amount is counted.
 */
import { parseAmount, printAmount } from '../../../machines/amount.ts';
import { FillstreamError } from '../../errors.ts';
import type { Submission } from '../../protocol/requests.ts';
import type { Limits } from '../../settings/limits-file.ts';
import type { TokenName } from '../../settings/token-names.ts';
import { dayOf, endOfDay, type DayTotals } from '../../store/day-totals.ts';

interface CountedOrder {
  readonly orderId: string;
  readonly owner: string;
  readonly submission: Submission;
  /** When the order is created: Unix milliseconds. */
  readonly at: number;
}

export interface OrderLimits {
  /** @throws FillstreamError token_not_allowed, recipient_not_allowed, limit_per_order */
  check(submission: Submission): void;
  /** Whether its sell token has a limit per day, which `addToDay` checks. */
  hasDayLimit(submission: Submission): boolean;
  /**
   * Adds the amount to its owner's day, once for each order and amount.
   * @throws FillstreamError limit_per_day
   * @throws StoreUnavailable
   */
  addToDay(order: CountedOrder): Promise<void>;
  /** Whether `addToDay` would take it now; adds nothing. @throws as `addToDay` */
  checkDay(order: Omit<CountedOrder, 'orderId'>): Promise<void>;
}

export const NO_LIMITS: OrderLimits = {
  check: () => undefined,
  hasDayLimit: () => false,
  addToDay: () => Promise.resolve(),
  checkDay: () => Promise.resolve(),
};

export function orderLimits(limits: Limits, nameOf: TokenName, dayTotals: DayTotals): OrderLimits {
  const { perOrder, perOwnerAndDay, allowedTokens, allowedRecipients } = limits;

  /** Null: the token has no limit, or is not traded. */
  function limitOf(limitByToken: ReadonlyMap<string, bigint>, token: string): bigint | null {
    const name = nameOf(token);
    return name === null ? null : (limitByToken.get(name) ?? null);
  }

  function checkTokens(submission: Submission): void {
    if (allowedTokens === null) return;
    const refused = (['sellToken', 'buyToken'] as const).filter((field) => {
      const name = nameOf(submission[field]);
      return name === null || !allowedTokens.has(name);
    });
    if (refused.length === 0) return;
    const errors = refused.map((field) => ({
      field: `/${field}`,
      message: `${submission[field]} is not an allowed token`,
    }));
    throw new FillstreamError(
      'token_not_allowed',
      `Not allowed to be traded: ${refused.map((field) => submission[field]).join(', ')}`,
      { errors },
    );
  }

  function checkRecipient({ recipient }: Submission): void {
    if (allowedRecipients === null || recipient === undefined) return;
    if (allowedRecipients.has(recipient.toLowerCase())) return;
    throw new FillstreamError('recipient_not_allowed', `${recipient} is not an allowed recipient`, {
      errors: [
        {
          field: '/recipient',
          message: 'expected an allowed recipient, or no recipient (then it is the signer)',
        },
      ],
    });
  }

  function checkAmount({ sellToken, sellAmount }: Submission): void {
    const most = limitOf(perOrder, sellToken);
    if (most === null || parseAmount(sellAmount) <= most) return;
    throw new FillstreamError(
      'limit_per_order',
      `sellAmount ${sellAmount} of ${sellToken} is above the limit per order: expected at most ${printAmount(most)}`,
      { limit: { token: sellToken, asked: sellAmount, most: printAmount(most) } },
    );
  }

  return {
    check(submission) {
      checkTokens(submission);
      checkRecipient(submission);
      checkAmount(submission);
    },

    hasDayLimit: ({ sellToken }) => limitOf(perOwnerAndDay, sellToken) !== null,

    async addToDay({ orderId, owner, submission: { sellToken: token, sellAmount: asked }, at }) {
      const [name, most] = [nameOf(token), limitOf(perOwnerAndDay, token)];
      if (name === null || most === null) return;
      const day = dayOf(at);
      // The id includes the amount: of two bodies sent at once with one key, either may become the order.
      const id = `${orderId}/${asked}`;
      const added = await dayTotals.add(
        { owner, token: name, day },
        { id, amount: parseAmount(asked), most },
      );
      if (!added.isAdded) throw aboveDay({ token, asked, most, total: added.total, day });
    },

    async checkDay({ owner, submission: { sellToken: token, sellAmount: asked }, at }) {
      const [name, most] = [nameOf(token), limitOf(perOwnerAndDay, token)];
      if (name === null || most === null) return;
      const day = dayOf(at);
      const total = await dayTotals.total({ owner, token: name, day });
      if (total + parseAmount(asked) > most) throw aboveDay({ token, asked, most, total, day });
    },
  };
}

interface PassedDay {
  readonly token: string;
  readonly asked: string;
  readonly most: bigint;
  /** What the owner's orders of that day sell already. */
  readonly total: bigint;
  readonly day: string;
}

function aboveDay({ token, asked, most, total, day }: PassedDay): FillstreamError {
  const left = printAmount(total < most ? most - total : 0n);
  const renewsAt = new Date(endOfDay(day)).toISOString();
  return new FillstreamError(
    'limit_per_day',
    `sellAmount ${asked} of ${token} is above the limit per day: ${left} of ${printAmount(most)} are left until ${renewsAt}`,
    { limit: { token, asked, most: printAmount(most), left, renewsAt } },
  );
}
