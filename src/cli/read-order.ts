/** Reads the terms of an order from the command line, in whole tokens or in base units. */
import { parseAmount, parseTokens, printAmount } from '../../machines/amount.ts';
import type { OrderRequest } from '../client/index.ts';
import { OperatorError } from '../operator-error.ts';
import type { ApiOptions } from './command.ts';
import { Tokens, type Context } from './context.ts';
import { readBasisPoints, readSeconds } from './read-argument.ts';

export interface OrderArguments extends ApiOptions {
  readonly minBuy?: string;
  readonly slippage?: string;
  readonly validFor?: string;
  readonly recipient?: string;
  readonly clientOrderId?: string;
  readonly baseUnits?: true;
}

export interface Pair {
  readonly amount: string;
  readonly sell: string;
  readonly buy: string;
}

/** The body of a submission. @throws OperatorError */
export async function readOrder(
  context: Context,
  { amount, sell, buy }: Pair,
  options: OrderArguments,
): Promise<OrderRequest> {
  const { minBuy, slippage, validFor, recipient, clientOrderId, baseUnits } = options;
  const tokens = baseUnits === undefined ? await Tokens.of(context) : null;
  const read = (text: string, name: string): string =>
    readAmount(text, tokens?.expect(name).decimals ?? null);
  return {
    sellToken: sell,
    buyToken: buy,
    sellAmount: read(amount, sell),
    ...(minBuy === undefined ? {} : { minBuyAmount: read(minBuy, buy) }),
    ...(slippage === undefined ? {} : { slippageBps: readBasisPoints('--slippage', slippage) }),
    ...(validFor === undefined
      ? {}
      : { validTo: Math.floor(Date.now() / 1_000) + readSeconds('--valid-for', validFor) }),
    ...(recipient === undefined ? {} : { recipient }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
  };
}

/** @param decimals null: the text is base units */
function readAmount(text: string, decimals: number | null): string {
  try {
    return printAmount(decimals === null ? parseAmount(text) : parseTokens(text, decimals));
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
