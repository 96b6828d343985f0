/** Every quote that was considered, and why one was chosen. */
import { parseAmount } from '../../machines/amount.ts';
import type { TransitionView } from '../../src/protocol/views.ts';
import { Amount } from '../parts/amount.tsx';
import { amountText, readable, tokenName } from '../parts/format.ts';
import type { OrderStore } from './order-store.ts';

export function Quotes({ store }: { readonly store: OrderStore }) {
  const entries = store.entries.value.slice(0, store.step.value + 1);
  const asked = entries.findLastIndex(
    ({ message }) => message.type === 'routing' && message.quotes !== undefined,
  );
  const message = entries[asked]?.message;
  const token = store.order.value?.buyToken;
  if (message?.type !== 'routing' || token == null) return null;
  const choice = entries.slice(asked).find(({ message: later }) => later.type === 'building');
  const chosen = choice?.message.type === 'building' ? choice.message.venue : null;
  const quotes = (message.quotes ?? []).map((quote) => {
    const net = parseAmount(quote.buyAmount) - parseAmount(quote.gasCost);
    return { ...quote, net };
  });
  quotes.sort((a, b) => (a.net < b.net ? 1 : a.net > b.net ? -1 : 0));
  const best = quotes[0]?.net ?? 0n;
  const refusals = message.refusals ?? [];
  return (
    <section class="card" aria-label="Quotes">
      <h2>
        Quotes
        <span>{`${quotes.length} of ${quotes.length + refusals.length} venues`}</span>
      </h2>
      {choice !== undefined && <p class="why">{readable(whyOf(choice))}</p>}
      <table class="quotes">
        <thead>
          <tr>
            <th scope="col">Venue</th>
            <th scope="col">Buys</th>
            <th scope="col">Gas</th>
            <th scope="col">Net of gas</th>
          </tr>
        </thead>
        <tbody>
          {quotes.map((quote) => (
            <tr key={quote.venue} class={quote.venue === chosen ? 'chosen' : ''}>
              <th scope="row">
                {quote.venue}
                {quote.venue === chosen && <em>chosen</em>}
              </th>
              <td>
                <Amount amount={quote.buyAmount} token={token} />
              </td>
              <td>{quote.gasPriced === false ? 'not priced' : amountText(quote.gasCost, token)}</td>
              <td>
                {amountText(String(quote.net < 0n ? 0n : quote.net), token)}
                <small>
                  {quote.net === best ? 'best' : `−${amountText(String(best - quote.net), token)}`}
                </small>
              </td>
            </tr>
          ))}
          {refusals.map(({ venue, code, message: why }) => (
            <tr key={venue} class="refused">
              <th scope="row">{venue}</th>
              <td colSpan={3}>
                {readable(why)} <code>{code}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {quotes.length === 0 && <p class="why">{`No venue sells ${tokenName(token)} for this.`}</p>}
    </section>
  );
}

/** The effect that chose says why; else the message does. */
function whyOf({ event, message }: TransitionView): string {
  const output = event['output'];
  if (typeof output === 'object' && output !== null && 'route' in output) {
    const { route } = output;
    if (typeof route === 'object' && route !== null && 'why' in route && typeof route.why === 'string') {
      return `Chosen: ${route.why}`;
    }
  }
  return message.message;
}
