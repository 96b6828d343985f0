/** The versions of the order machine, each with its chart and what it is made of. */
import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { readMachines } from '../api/answers.ts';
import { loadMachine, machines, type MachineDoc, type MachineSummary } from '../api/machines.ts';
import { hrefOf } from '../app/router.ts';
import { link } from '../app/link.ts';
import { ChartPane, type Zoom } from '../chart/chart-pane.tsx';
import { heatOf, marksOfStats } from '../chart/heat.ts';
import { NO_MARKS } from '../chart/marks.ts';
import { ChartCopies } from '../order/chart-copies.tsx';
import { StatsPanel } from './stats-panel.tsx';
import { stats, watchStats } from './stats-store.ts';

export function MachinesPage({ version }: { readonly version: number | null }) {
  const list = useSignal<readonly MachineSummary[]>([]);
  const current = useSignal<number | null>(null);
  const shown = version ?? current.value;
  useEffect(() => {
    document.title = 'Machines · Fillstream';
    readMachines().then(
      (found) => {
        list.value = found.machines;
        current.value = found.current;
        link.value = 'live';
      },
      () => {
        link.value = 'offline';
      },
    );
  }, []);
  useEffect(() => {
    if (shown === null) return;
    void loadMachine(shown);
    return watchStats(shown);
  }, [shown]);
  const doc = shown === null ? undefined : machines.value.get(shown);
  return (
    <main class="order">
      <section class="order-chart" aria-label="Statechart">
        {doc === undefined ? (
          <div class="empty" aria-busy="true">
            Loading the chart …
          </div>
        ) : (
          <MachineChart doc={doc} />
        )}
      </section>
      <section class="order-facts" aria-label="Machine versions">
        <header class="order-head">
          <h1>Machines</h1>
          <ul class="versions">
            {list.value.map(({ version: each, id, states, transitions }) => (
              <li key={each}>
                <a href={hrefOf(`machines/${each}`)} aria-current={each === shown ? 'page' : undefined}>
                  <b>{id}</b>
                  <span>{`${states} states, ${transitions} transitions`}</span>
                  {each === current.value && <em>new orders</em>}
                </a>
              </li>
            ))}
          </ul>
          {doc?.chart.description != null && <p>{doc.chart.description}</p>}
        </header>
        <StatsPanel stats={stats.value} />
        {doc !== undefined && <StateList doc={doc} />}
        {shown !== null && <ChartCopies version={shown} />}
      </section>
    </main>
  );
}

function MachineChart({ doc }: { readonly doc: MachineDoc }) {
  const [zoom, setZoom] = useState<Zoom>('overview');
  const told =
    stats.value !== null && stats.value.version === doc.version && stats.value.orders > 0
      ? stats.value
      : null;
  return (
    <>
      <ChartPane
        doc={doc}
        marks={told === null ? NO_MARKS : marksOfStats(told)}
        heat={told === null ? null : heatOf(told)}
        zoom={zoom}
      />
      <div class="travel">
        <button
          type="button"
          class="button"
          onClick={() => setZoom(zoom === 'overview' ? 'full' : 'overview')}
        >
          {zoom === 'overview' ? 'All labels' : 'Overview'}
        </button>
      </div>
    </>
  );
}

function StateList({ doc }: { readonly doc: MachineDoc }) {
  return (
    <section class="card" aria-label="States">
      <h2>States</h2>
      <dl class="states">
        {doc.chart.states.slice(1).map(({ id, path, description, effects, kind }) => (
          <div key={id} class={path.includes('.') ? 'inner' : ''}>
            <dt>{path}</dt>
            <dd>
              {description}
              {effects.length > 0 && <code>{`effect ${effects.join(', ')}`}</code>}
              {kind === 'final' && <code>final</code>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
