/** `quote`: what an order would get now, from which venue and why. */
import { parseAmount, printWholeTokens } from '../../../machines/amount.ts';
import type { Quotes } from '../../client/index.ts';
import { withoutControls } from '../../terminal/message-text.ts';
import type { Paint } from '../../terminal/style.ts';
import { apiCommand, type Register } from '../command.ts';
import { Tokens, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { readOrder, type OrderArguments } from '../read-order.ts';

export const registerQuote: Register = (program, run) => {
  apiCommand(
    program,
    'quote <amount> <sell> <buy>',
    'ask what an order would get now; exit code 1: no venue would do it',
  )
    .option('--min-buy <amount>', 'buy at least this much')
    .option('--slippage <percent>', 'of the chosen quote, without --min-buy', '0.5')
    .option('--base-units', 'amounts are base units, not whole tokens')
    .action((amount: string, sell: string, buy: string, options: OrderArguments) =>
      run(options, async (context) => {
        const request = await readOrder(context, { amount, sell, buy }, options);
        return quote(context, await context.client.quote(request, { signal: context.signal }));
      }),
    );
};

async function quote(context: Context, quotes: Quotes): Promise<number> {
  const { output } = context;
  if (output.json) output.record(quotes);
  else for (const line of quoteLines(quotes, await Tokens.of(context), output.paint)) output.line(line);
  return quotes.route === null ? EXIT.negative : EXIT.ok;
}

export function quoteLines(
  { buyToken, route, reason, quotes, refusals, goodUntil }: Quotes,
  tokens: Tokens,
  paint: Paint,
): readonly string[] {
  const token = tokens.get(buyToken);
  const amount = (text: string): string =>
    token === undefined
      ? `${text} base units of ${buyToken}`
      : `${printWholeTokens(parseAmount(text), token.decimals)} ${token.symbol}`;
  const gas = (text: string, isPriced: boolean): string =>
    isPriced ? `gas ${amount(text)}` : 'gas not priced';
  const chosen =
    route === null
      ? [
          paint(
            'red',
            `No route: ${reason === null ? '' : withoutControls(`${reason.code}: ${reason.message}`)}`,
          ),
        ]
      : [
          `${paint('green', amount(route.buyAmount))} on ${route.venue}, at least ${amount(route.minBuyAmount)}; ${gas(route.gasCost, route.gasPriced)}`,
          withoutControls(route.why),
          paint('gray', `Good until ${goodUntil}`),
        ];
  return [
    ...chosen,
    '',
    ...quotes.map(({ venue, buyAmount, gasCost, gasPriced }) => {
      const mark = venue === route?.venue ? paint('green', '✓') : ' ';
      return `${mark} ${venue.padEnd(12)} ${amount(buyAmount)}  ${paint('gray', gas(gasCost, gasPriced))}`;
    }),
    ...refusals.map(({ venue, code, message }) =>
      withoutControls(`${venue.padEnd(14)} ${code}: ${message}`).replace(/^/, '  '),
    ),
  ];
}
