/** An order as one line of a list, and as a page with its quotes, transactions and timeline. */
import { printWholeTokens, parseAmount } from '../../machines/amount.ts';
import type { OrderView, TransitionView } from '../client/index.ts';
import { withoutControls } from '../terminal/message-text.ts';
import { printMessage } from '../terminal/print-message.ts';
import { progressBar, STYLES, type Paint } from '../terminal/style.ts';
import type { Tokens } from './context.ts';

const BAR = 10;

export function orderLine(order: OrderView, tokens: Tokens, paint: Paint): string {
  const { orderId, status, createdAt, progress, venue } = order;
  const style = STYLES[status];
  return [
    orderId,
    paint('gray', createdAt.slice(0, 19).replace('T', ' ')),
    paint(style, status.padEnd(9)),
    paint(style, progressBar(progress, BAR)),
    swapText(order, tokens),
    ...(venue === null ? [] : [paint('gray', `on ${venue}`)]),
  ].join('  ');
}

export function orderLines(
  order: OrderView,
  transitions: readonly TransitionView[],
  tokens: Tokens,
  paint: Paint,
): readonly string[] {
  const textOf = tokens.texts();
  const { sellToken, buyToken, sellAmount } = order;
  const terms =
    sellToken === null || buyToken === null || sellAmount === null
      ? undefined
      : tokens.shown({ sellToken, buyToken, sellAmount });
  const heading = (text: string): readonly string[] => ['', paint('bold', text)];
  return [
    ...fields(order, tokens, paint),
    ...(order.quotes.length === 0 ? [] : heading('Quotes')),
    ...order.quotes.map(({ venue, buyAmount, gasCost, gasPriced, block }) => {
      const gas = gasPriced ? `gas ${amount(gasCost, buyToken, tokens)}` : 'gas not priced';
      const chosen = venue === order.venue ? paint('green', '✓') : ' ';
      return `${chosen} ${venue.padEnd(12)} ${amount(buyAmount, buyToken, tokens)}  ${paint('gray', `${gas}${block === null ? '' : `, block ${block}`}`)}`;
    }),
    ...(order.transactions.length === 0 ? [] : heading('Transactions')),
    ...order.transactions.map(
      ({ hash, signer, nonce }) => `  ${hash}  ${paint('gray', `nonce ${nonce} of ${signer}`)}`,
    ),
    ...(transitions.length === 0 ? [] : heading('Timeline')),
    ...transitions.map(({ message }) => printMessage(message, textOf(message, terms), paint)),
  ];
}

function fields(order: OrderView, tokens: Tokens, paint: Paint): readonly string[] {
  const { executedSellAmount, executedBuyAmount, reason, waitingFor, held, deviation } = order;
  const explained = (each: { readonly code: string; readonly message: string } | null): string | null =>
    each === null ? null : withoutControls(`${each.code}: ${each.message}`);
  const rows: readonly (readonly [name: string, text: string | null])[] = [
    ['order', order.orderId],
    ['status', paint(STYLES[order.status], `${order.status} (${order.state})`)],
    ['swap', swapText(order, tokens)],
    ['at least', order.minBuyAmount === null ? null : amount(order.minBuyAmount, order.buyToken, tokens)],
    [
      'slippage',
      order.minBuyAmount === null && order.slippageBps !== null ? `${order.slippageBps / 100} %` : null,
    ],
    ['valid to', order.validTo === null ? null : new Date(order.validTo * 1_000).toISOString()],
    ['recipient', order.recipient],
    ['your id', order.clientOrderId],
    [
      'executed',
      executedSellAmount === null || executedBuyAmount === null
        ? null
        : `${amount(executedSellAmount, order.sellToken, tokens)} for ${amount(executedBuyAmount, order.buyToken, tokens)} on ${order.venue ?? '?'}`,
    ],
    ['deviation', explained(deviation)],
    ['reason', explained(reason)],
    [
      'waits for',
      waitingFor === null
        ? null
        : `${explained(waitingFor) ?? ''}${waitingFor.retryAt === null ? '' : `; looks again at ${waitingFor.retryAt}`}`,
    ],
    ['held', explained(held)],
    ['created', order.createdAt],
    ['updated', order.updatedAt],
  ];
  return rows.flatMap(([name, text]) => (text === null ? [] : [`${paint('gray', name.padEnd(10))} ${text}`]));
}

function swapText({ sellToken, buyToken, sellAmount }: OrderView, tokens: Tokens): string {
  if (sellToken === null || buyToken === null || sellAmount === null)
    return 'terms that this release cannot read';
  return `${amount(sellAmount, sellToken, tokens)} → ${tokens.get(buyToken)?.symbol ?? buyToken}`;
}

/** In whole tokens where the token is known. */
function amount(baseUnits: string, name: string | null, tokens: Tokens): string {
  const token = name === null ? undefined : tokens.get(name);
  if (token === undefined) return `${baseUnits} base units of ${name ?? '?'}`;
  return `${printWholeTokens(parseAmount(baseUnits), token.decimals)} ${token.symbol}`;
}
