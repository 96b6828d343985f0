/** One order: its chart at the left, what happened at the right, both at the same step. */
import { useComputed } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { machines } from '../api/machines.ts';
import { isWithTicket } from '../api/rest.ts';
import { link } from '../app/link.ts';
import { hrefOf, navigate } from '../app/router.ts';
import { ChartPane, type Zoom } from '../chart/chart-pane.tsx';
import { marksOf, NO_MARKS } from '../chart/marks.ts';
import { toneOf } from '../parts/tone.ts';
import { isFinal, statusOf } from '../../machines/order/state.ts';
import { ChartCopies } from './chart-copies.tsx';
import { OrderHeader } from './order-header.tsx';
import { openOrderStore, type OrderStore } from './order-store.ts';
import { Quotes } from './quotes.tsx';
import { StepData } from './step-data.tsx';
import { TimeTravel, useTravelKeys } from './time-travel.tsx';
import { Timeline } from './timeline.tsx';
import { Transactions } from './transactions.tsx';

export function OrderPage({ orderId }: { readonly orderId: string }) {
  const store = useMemo(() => openOrderStore(orderId), [orderId]);
  useEffect(() => () => store.close(), [store]);
  useEffect(() => {
    document.title = `${orderId.slice(0, 8)} · Fillstream`;
  }, [orderId]);
  if (store.refusal.value !== null) {
    return (
      <main class="empty">
        <h1>{isWithTicket() ? 'This order cannot be read' : 'There is no such order'}</h1>
        <p>{store.refusal.value}</p>
        <a class="button" href={hrefOf('')}>
          All orders
        </a>
      </main>
    );
  }
  if (store.order.value === null || store.entry.value === undefined) {
    return (
      <main class="empty" aria-busy="true">
        <p>{link.value === 'offline' ? 'The server does not answer. Trying again …' : 'Loading …'}</p>
      </main>
    );
  }
  return <Loaded store={store} />;
}

function Loaded({ store }: { readonly store: OrderStore }) {
  const [zoom, setZoom] = useState<Zoom>('overview');
  const [picked, setPicked] = useState<string | null>(null);
  const travel = useTravelKeys(store, {
    onZoom: () => setZoom((before) => (before === 'overview' ? 'full' : 'overview')),
    onLeave: () => navigate(''),
  });
  const doc = useComputed(() => machines.value.get(store.entry.value?.machineVersion ?? 0));
  const marks = useComputed(() => {
    const shown = store.entry.value;
    const chart = doc.value?.chart;
    if (shown === undefined || chart === undefined) return NO_MARKS;
    const status = statusOf(shown.state);
    return marksOf(chart, store.entries.value.slice(0, store.step.value + 1), {
      tone: toneOf(status, isWaitingIn(shown.message)),
      hasEnded: isFinal(status),
      timers: store.isLive.value ? (store.replayed.value[store.step.value]?.timers ?? []) : [],
    });
  });
  return (
    <main class="order">
      <section class="order-chart" aria-label="Statechart">
        {doc.value === undefined ? (
          <div class="empty" aria-busy="true">
            Loading the chart …
          </div>
        ) : (
          <ChartPane
            doc={doc.value}
            marks={marks.value}
            zoom={zoom}
            onPick={({ id, path }) => {
              setPicked(picked === id ? null : id);
              const index = store.entries.value.findLastIndex(
                ({ state }) => state === path || state.startsWith(`${path}.`),
              );
              if (index >= 0) store.goTo(index);
            }}
          />
        )}
        <TimeTravel store={store} travel={travel} zoom={zoom} onZoom={setZoom} />
      </section>
      <section class="order-facts" aria-label="Order">
        <OrderHeader store={store} doc={doc.value} />
        <Timeline store={store} />
        <Quotes store={store} />
        <Transactions store={store} />
        <StepData store={store} />
        <ChartCopies version={store.entry.value?.machineVersion ?? 0} />
      </section>
    </main>
  );
}

function isWaitingIn(message: {
  readonly type: string;
  readonly waitingFor?: { readonly retryAt: string | null } | undefined;
}): boolean {
  return message.type === 'retry' || message.waitingFor?.retryAt != null;
}
