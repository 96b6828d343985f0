/** The data of the step that is shown: the event as it was journaled, the context after it, the message of its watchers. */
import { useState } from 'preact/hooks';
import { Copy } from '../parts/copy.tsx';
import type { OrderStore } from './order-store.ts';

const VIEWS = ['changes', 'event', 'context', 'message'] as const;
type View = (typeof VIEWS)[number];

const TITLES: Readonly<Record<View, string>> = {
  changes: 'What it changed',
  event: 'Event',
  context: 'Context',
  message: 'Message',
};

export function StepData({ store }: { readonly store: OrderStore }) {
  const [view, setView] = useState<View>('changes');
  const entry = store.entry.value;
  if (entry === undefined) return null;
  const step = store.step.value;
  const context = store.replayed.value[step]?.context;
  const before = store.replayed.value[step - 1]?.context;
  const { message, event, edges } = entry;
  const data = {
    changes: context === undefined ? undefined : changesOf(before, context),
    event: { ...event, edges },
    context,
    message,
  }[view];
  const text =
    data === undefined
      ? 'This page does not know the machine version of the order.'
      : JSON.stringify(data, null, 2);
  return (
    <details class="card data">
      <summary>
        Journal entry {entry.seq}
        <span>{`machine version ${entry.machineVersion}, ${entry.at}`}</span>
      </summary>
      <div class="tabs" role="tablist" aria-label="Data of the entry">
        {VIEWS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            aria-selected={each === view}
            aria-controls="entry-data"
            onClick={() => setView(each)}
          >
            {TITLES[each]}
          </button>
        ))}
        <Copy text={text} label="Copy this data" />
      </div>
      <pre id="entry-data" role="tabpanel" tabIndex={0} aria-label={TITLES[view]}>
        {text}
      </pre>
    </details>
  );
}

/** The fields of the context that differ from those before the step. */
function changesOf(before: unknown, after: unknown): object {
  if (!isRecord(after)) return {};
  const old = isRecord(before) ? before : {};
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]),
  );
  return Object.fromEntries(changed);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
