/** The parts of the server that this page came from, as `/health` tells them. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { readHealth, type Health } from '../api/answers.ts';
import { chain, tokens, watchHead, type Chain } from '../api/chain.ts';
import { mayDo } from '../api/session.ts';
import { now } from '../app/clock.ts';
import { link, onRetry } from '../app/link.ts';
import { ageText, durationText } from '../parts/format.ts';
import { activity, watchActivity } from './activity.ts';
import { Operations } from './operations.tsx';
import { Plot } from './plot.tsx';

const POLL_MS = 2_000;

const health = signal<Health | null>(null);

export function SystemPage() {
  useEffect(() => {
    document.title = 'System · Fillstream';
    const read = async (): Promise<void> => {
      try {
        health.value = await readHealth();
        link.value = 'live';
      } catch {
        link.value = 'offline';
      }
    };
    onRetry(() => void read());
    void read();
    const timer = setInterval(() => void read(), POLL_MS);
    const stops = [watchActivity(), watchHead()];
    return () => {
      clearInterval(timer);
      stops.forEach((stop) => stop());
    };
  }, []);
  const known = health.value;
  if (known === null) {
    return (
      <main class="empty" aria-busy="true">
        <p>{link.value === 'offline' ? 'The server does not answer. Trying again …' : 'Loading …'}</p>
      </main>
    );
  }
  return (
    <main class="system">
      <h1>
        System <span class={`pill ${known.status === 'ok' ? 'ok' : 'bad'}`}>{known.status}</span>
      </h1>
      <p class="faint">{`Release ${known.version}, up for ${durationText(known.uptimeSeconds * 1_000)}`}</p>
      <Plots />
      {mayDo('operate') && <Operations />}
      <div class="parts">
        {Object.entries(known.parts).map(([name, { status, ...facts }]) => (
          <Part key={name} name={name} status={status} facts={facts} />
        ))}
        <Part name="connections" status="ok" facts={known.connections} />
        {chain.value !== null && (
          <Part
            name="chain"
            status={null}
            facts={{
              ...chainFacts(chain.value),
              tokens: tokens.value.map(({ symbol }) => symbol).join(', '),
            }}
          />
        )}
      </div>
    </main>
  );
}

function Plots() {
  const known = activity.value;
  if (known === null) return null;
  const { times, created, confirmed, unfilled, p50, p99, isCut } = known;
  return (
    <>
      <div class="plots">
        <Plot
          title="Orders a second"
          times={times}
          lines={[
            { name: 'created', colour: '--accent', values: created },
            { name: 'confirmed', colour: '--ok', values: confirmed },
          ]}
        />
        <Plot
          title="Seconds to the end"
          times={times}
          lines={[
            { name: 'p50', colour: '--accent', values: p50 },
            { name: 'p99', colour: '--amber', values: p99 },
          ]}
        />
        <Plot
          title="Ended unfilled a second"
          times={times}
          lines={[{ name: 'unfilled', colour: '--bad', values: unfilled }]}
        />
      </div>
      <p class="faint">
        {`Of orders created in the last 15 minutes${isCut ? ': the newest 1,000' : ''}, in steps of 10 seconds.`}
      </p>
    </>
  );
}

/** The newest block with its age, which says how far the node is behind. */
function chainFacts({ head, ...facts }: Chain): Readonly<Record<string, unknown>> {
  if (head == null) return { ...facts };
  return { ...facts, block: head.block, blockAge: ageText(now.value - Date.parse(head.at)) };
}

interface PartProps {
  readonly name: string;
  /** Null: it has none. */
  readonly status: 'ok' | 'down' | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

function Part({ name, status, facts }: PartProps) {
  return (
    <section class="card" aria-label={name}>
      <h2>
        {name}
        {status !== null && <span class={`pill ${status === 'ok' ? 'ok' : 'bad'}`}>{status}</span>}
      </h2>
      <dl class="facts">
        {Object.entries(facts)
          .filter(([, value]) => value !== null && value !== '')
          .map(([fact, value]) => (
            <div key={fact}>
              <dt>{fact.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}</dt>
              <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
