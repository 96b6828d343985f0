/** The form of a new order as the body of a request, and what is wrong with its fields. */
import { tokenOf } from '../api/chain.ts';
import { Refused } from '../api/rest.ts';
import { baseUnits } from './base-units.ts';

export interface Problem {
  readonly text: string;
  /** By the name of the field. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The body of `POST /api/orders/execute` and of `POST /api/quotes`. */
export interface Draft {
  readonly sellToken: string;
  readonly buyToken: string;
  readonly sellAmount: string;
  readonly minBuyAmount?: string;
  readonly slippageBps: number;
  readonly validTo: number;
  readonly clientOrderId?: string;
}

/** The body of the request, or what is wrong with the form. */
export function readForm(form: FormData): { readonly problem: Problem } | { readonly body: Draft } {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const wrong: Record<string, string> = {};
  const amount = (name: string, token: string): string => {
    const decimals = tokenOf(token)?.decimals ?? 0;
    const units = baseUnits(text(name), decimals);
    if (units === null) {
      wrong[name] = `expected a number with at most ${decimals} decimal places`;
    }
    return units ?? '0';
  };
  const [sellToken, buyToken] = [text('sellToken'), text('buyToken')];
  const slippage = Number(text('slippageBps') || '0.5') * 100;
  const minutes = Number(text('validMinutes') || '10');
  if (!Number.isInteger(Math.round(slippage)) || slippage < 0 || slippage > 5_000)
    wrong['slippageBps'] = 'expected 0 to 50';
  if (!(minutes > 0 && minutes <= 10_080)) wrong['validMinutes'] = 'expected up to 10,080 (7 days)';
  const body = {
    sellToken,
    buyToken,
    sellAmount: amount('sellAmount', sellToken),
    ...(text('minBuyAmount') === '' ? {} : { minBuyAmount: amount('minBuyAmount', buyToken) }),
    slippageBps: Math.round(slippage),
    validTo: Math.floor(Date.now() / 1_000 + minutes * 60),
    ...(text('clientOrderId') === '' ? {} : { clientOrderId: text('clientOrderId') }),
  };
  if (Object.keys(wrong).length === 0) return { body };
  return { problem: { text: 'Some fields are not right.', fields: wrong } };
}

export function problemOf(error: unknown): Problem {
  if (!(error instanceof Refused)) {
    return { text: 'The server does not answer. Submitting again is safe: it stays one order.', fields: {} };
  }
  return {
    text: error.message,
    fields: Object.fromEntries(error.fields.map(({ field, message }) => [field.replace(/^\//, ''), message])),
  };
}
