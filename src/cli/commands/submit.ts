/** `submit`: one order, in whole tokens or in base units. */
import { parseAmount, parseTokens, printAmount } from '../../../machines/amount.ts';
import type { OrderRequest } from '../../client/index.ts';
import { OperatorError } from '../../operator-error.ts';
import { apiCommand, type ApiOptions, type Register } from '../command.ts';
import { Tokens, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { followOrder } from '../follow-order.ts';
import { readBasisPoints, readSeconds } from '../read-argument.ts';

interface SubmitArguments extends ApiOptions {
  readonly minBuy?: string;
  readonly slippage?: string;
  readonly validFor?: string;
  readonly recipient?: string;
  readonly clientOrderId?: string;
  readonly key?: string;
  readonly baseUnits?: true;
  readonly watch?: true;
}

export const registerSubmit: Register = (program, run) => {
  apiCommand(
    program,
    'submit <amount> <sell> <buy>',
    'submit an order: sell this much of a token for another one',
  )
    .option('--min-buy <amount>', 'buy at least this much')
    .option('--slippage <percent>', 'of the chosen quote, without --min-buy', '0.5')
    .option('--valid-for <time>', 'such as 90s, 10m, 2h; default: ten minutes')
    .option('--recipient <address>', 'who receives; default: the signer')
    .option('--client-order-id <id>', 'a name of yours')
    .option('--key <key>', 'idempotency key: repeated with the same order it makes no second one')
    .option('--base-units', 'amounts are base units, not whole tokens')
    .option('--watch', 'follow the order to its end')
    .action((amount: string, sell: string, buy: string, options: SubmitArguments) =>
      run(options, (context) => submit(context, { amount, sell, buy }, options)),
    );
};

interface Pair {
  readonly amount: string;
  readonly sell: string;
  readonly buy: string;
}

async function submit(context: Context, pair: Pair, options: SubmitArguments): Promise<number> {
  const { client, output, signal } = context;
  const request = await readOrder(context, pair, options);
  const key = options.key === undefined ? {} : { idempotencyKey: options.key };
  const order = await client.submit(request, { ...key, signal });
  if (output.json) output.record(order);
  else if (options.watch === undefined) {
    output.line(`${order.created ? 'Accepted' : 'Accepted before'}: ${order.orderId}`);
    output.line(output.paint('gray', `Follow it: fillstream watch ${order.orderId}`));
  } else output.line(order.orderId);
  return options.watch === undefined ? EXIT.ok : followOrder(context, order.orderId, 0);
}

/** The body of a submission. @throws OperatorError */
export async function readOrder(
  context: Context,
  { amount, sell, buy }: Pair,
  options: SubmitArguments,
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
