/** One order, small, for a page that frames it: what is swapped, where it is, its chart. Nothing in it changes the order. */
import { useEffect, useMemo } from 'preact/hooks';
import { isFinal, statusOf } from '../../machines/order/state.ts';
import { machines } from '../api/machines.ts';
import { link } from '../app/link.ts';
import { hrefOf, query } from '../app/router.ts';
import { ChartPane } from '../chart/chart-pane.tsx';
import { marksOf } from '../chart/marks.ts';
import { toneOf } from '../parts/tone.ts';
import { OrderHeader } from './order-header.tsx';
import { openOrderStore } from './order-store.ts';

export function EmbedPage({ orderId }: { readonly orderId: string }) {
  const store = useMemo(() => openOrderStore(orderId), [orderId]);
  useEffect(() => () => store.close(), [store]);
  useEffect(() => {
    document.title = `${orderId.slice(0, 8)} · Fillstream`;
  }, [orderId]);
  const last = store.entries.value.at(-1);
  if (store.refusal.value !== null) return <main class="empty">{store.refusal.value}</main>;
  if (last === undefined) {
    return (
      <main class="empty" aria-busy="true">
        {link.value === 'offline' ? 'The server does not answer. Trying again …' : 'Loading …'}
      </main>
    );
  }
  const doc = machines.value.get(last.machineVersion);
  const status = statusOf(last.state);
  return (
    <main class="embed">
      <OrderHeader store={store} doc={doc} isEmbedded />
      {doc !== undefined && (
        <ChartPane
          doc={doc}
          marks={marksOf(doc.chart, store.entries.value, {
            tone: toneOf(status, last.message.type === 'retry'),
            hasEnded: isFinal(status),
            timers: store.replayed.value.at(-1)?.timers ?? [],
          })}
          zoom="overview"
        />
      )}
      <footer class="foot">
        {link.value === 'offline' ? 'Reconnecting … ' : ''}
        {!query.value.has('ticket') && (
          <a href={hrefOf(`orders/${orderId}`)} target="_blank" rel="noopener">
            Open in Fillstream
          </a>
        )}
      </footer>
    </main>
  );
}
