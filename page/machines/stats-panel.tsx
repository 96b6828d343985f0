/** What many orders did on a machine: how long states lasted, and where orders failed. */
import type { MachineStats } from '../../src/protocol/machine-stats.ts';
import { hrefOf } from '../app/router.ts';
import { durationText } from '../parts/format.ts';
import { STATS_TIMES, statsTime } from './stats-store.ts';

export function StatsPanel({ stats }: { readonly stats: MachineStats | null }) {
  return (
    <section class="card stats" aria-label="What orders did">
      <h2>
        What orders did
        <select
          aria-label="Orders created"
          value={statsTime.value}
          onChange={({ currentTarget: { value } }) => {
            statsTime.value = STATS_TIMES.find(({ name }) => name === value)?.name ?? 'all';
          }}
        >
          {STATS_TIMES.map(({ name, text }) => (
            <option key={name} value={name}>
              {text}
            </option>
          ))}
        </select>
      </h2>
      {stats === null ? <p>Reading journals …</p> : <Figures stats={stats} />}
    </section>
  );
}

function Figures({ stats: { orders, complete, states, failures } }: { readonly stats: MachineStats }) {
  if (orders === 0) return <p>No order ran on this version in this time.</p>;
  return (
    <>
      <p>
        {complete ? `All ${orders} orders` : `The newest ${orders} orders`}: lines by how many took them,
        states by how long they last.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Orders</th>
            <th scope="col">p50</th>
            <th scope="col">p99</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {states
            .toSorted((a, b) => (a.path < b.path ? -1 : 1))
            .map(({ path, orders: passed, now, p50Ms, p99Ms, failures: failed }) => (
              <tr key={path} data-path={path}>
                <th scope="row">{path}</th>
                <td>{now > 0 && p50Ms !== null ? `${passed} (${now} now)` : passed}</td>
                <td>{p50Ms === null ? '' : durationText(p50Ms)}</td>
                <td>{p99Ms === null ? '' : durationText(p99Ms)}</td>
                <td class={failed > 0 ? 'bad' : ''}>{failed > 0 ? failed : ''}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {failures.length > 0 && (
        <ul class="failures" aria-label="Why orders ended unfilled">
          {failures.map(({ status, code, state, orders: failed }) => (
            <li key={`${status} ${code} ${state}`}>
              <b>{failed}</b>
              <a href={hrefOf(`?state=${status}&reason=${encodeURIComponent(code)}`)}>
                {code.replaceAll('_', ' ')}
              </a>
              <span>{`from ${state}`}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
