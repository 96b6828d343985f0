/** The list of orders as plain HTML, where there is no script. */
import { z } from 'zod';
import { parseAmount, printWholeTokens } from '../../../machines/amount.ts';
import type { ReadOrders } from '../../orders/reading/read-orders.ts';
import { listQuerySchema, type ListQuery } from '../../protocol/requests.ts';
import type { OrderPageView, OrderView } from '../../protocol/views.ts';
import { getRoute, NO_PARAMETERS, type Route } from '../route.ts';
import type { ChainFacts, TokenView } from './chain.ts';

export interface PlainListDeps {
  readonly orders: Pick<ReadOrders, 'list'>;
  readonly chainFacts: () => ChainFacts;
}

export function plainListRoutes({ orders, chainFacts }: PlainListDeps): readonly Route[] {
  return [
    getRoute({
      path: '/orders.html',
      summary: 'List orders as plain HTML',
      access: 'watch',
      params: NO_PARAMETERS,
      query: listQuerySchema,
      answers: { 200: z.string() },
      texts: ['text/html'],
      errors: ['store_unavailable'],
      handle: async ({ query }, { owner }) => {
        const page = await orders.list({ owner, query });
        return { status: 200, body: htmlOf(page, query, chainFacts().tokens) };
      },
    }),
  ];
}

/** Links are relative, so that they work behind every path that a proxy puts before this one. */
function htmlOf(
  { orders, links }: OrderPageView,
  { q = '' }: ListQuery,
  tokens: readonly TokenView[],
): string {
  const next =
    links.next === null
      ? ''
      : `<p><a href="orders.html?${escaped(links.next.split('?')[1] ?? '')}">Older orders</a></p>`;
  const rows = orders.map((order) => rowOf(order, tokens)).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Orders · Fillstream</title>
<h1>Orders</h1>
<form><label>Search <input name="q" value="${escaped(q)}"></label> <button>Search</button></form>
<table>
<thead><tr><th>Order<th>Sells<th>For<th>State<th>Created<th>Note</thead>
<tbody>
${rows}
</tbody>
</table>
${orders.length === 0 ? '<p>There are none.</p>' : ''}${next}
</html>
`;
}

function rowOf(order: OrderView, tokens: readonly TokenView[]): string {
  const { orderId, clientOrderId, sellAmount, sellToken, executedBuyAmount, buyToken } = order;
  const note = order.held ?? order.reason ?? order.deviation ?? order.waitingFor;
  const cells = [
    `<a href="api/orders/${orderId}">${orderId.slice(0, 8)}</a> ${escaped(clientOrderId ?? '')}`,
    escaped(amountOf(sellAmount, sellToken, tokens)),
    escaped(amountOf(executedBuyAmount, buyToken, tokens)),
    escaped(order.state),
    `<time datetime="${order.createdAt}">${order.createdAt}</time>`,
    escaped(note?.message ?? ''),
  ];
  return `<tr><td>${cells.join('<td>')}`;
}

/** In whole tokens where the token is known, else in base units. */
function amountOf(amount: string | null, token: string | null, tokens: readonly TokenView[]): string {
  const name = token ?? '';
  const known = tokens.find((each) =>
    [each.symbol, each.address].some((text) => text.toLowerCase() === name.toLowerCase()),
  );
  const text =
    amount === null || known === undefined ? amount : printWholeTokens(parseAmount(amount), known.decimals);
  return `${text ?? ''} ${known?.symbol ?? name}`.trim();
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
