/** Walks the journal: step by step, played, dragged, by keyboard, and back to what happens now. */
import { useEffect, useState } from 'preact/hooks';
import type { Zoom } from '../chart/chart-pane.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { entryTone } from './entry-text.ts';
import type { OrderStore } from './order-store.ts';

const PLAY_MS = 800;

export interface Travel {
  readonly isPlaying: boolean;
  readonly togglePlay: () => void;
}

interface KeyActions {
  readonly onZoom: () => void;
  readonly onLeave: () => void;
}

export function useTravelKeys(store: OrderStore, { onZoom, onLeave }: KeyActions): Travel {
  const [isPlaying, setPlaying] = useState(false);
  const togglePlay = (): void => {
    if (!isPlaying && store.cursor.value === null) store.goTo(0);
    setPlaying(!isPlaying);
  };
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => {
      if (store.isLive.value) setPlaying(false);
      else store.goTo(store.step.value + 1);
    }, PLAY_MS);
    return () => clearInterval(timer);
  }, [isPlaying, store]);
  useEffect(() => {
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => store.goTo(store.step.value - 1),
      ArrowRight: () => store.goTo(store.step.value + 1),
      Home: () => store.goTo(0),
      End: () => store.goTo(null),
      l: () => store.goTo(null),
      ' ': togglePlay,
      f: onZoom,
      Escape: onLeave,
    };
    const press = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTypingIn(event.target)) return;
      // A button and a summary take the space bar themselves.
      if (
        event.key === ' ' &&
        event.target instanceof Element &&
        event.target.closest('button, summary, a') !== null
      )
        return;
      const action = keys[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
  return { isPlaying, togglePlay };
}

function isTypingIn(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'range';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

interface TimeTravelProps {
  readonly store: OrderStore;
  readonly travel: Travel;
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
}

export function TimeTravel({ store, travel, zoom, onZoom }: TimeTravelProps) {
  const step = store.step.value;
  const entries = store.entries.value;
  const last = entries.length - 1;
  const isLive = store.isLive.value;
  const state = store.entry.value?.state ?? '';
  return (
    <div class="travel" role="group" aria-label="Time travel">
      <Control icon="first" label="First step (Home)" isOff={step === 0} onClick={() => store.goTo(0)} />
      <Control icon="back" label="Step back (←)" isOff={step === 0} onClick={() => store.goTo(step - 1)} />
      <Control
        icon={travel.isPlaying ? 'pause' : 'play'}
        label={travel.isPlaying ? 'Stop (space)' : 'Play (space)'}
        isOff={last < 1}
        onClick={travel.togglePlay}
      />
      <Control
        icon="forward"
        label="Step forward (→)"
        isOff={step >= last}
        onClick={() => store.goTo(step + 1)}
      />
      <div class="track">
        <div class="ticks" aria-hidden="true">
          {entries.map((entry, index) => (
            <i
              key={entry.seq}
              class={`${entryTone(entry)}${index > step ? ' later' : ''}`}
              style={{ left: `${last === 0 ? 0 : (index / last) * 100}%` }}
            />
          ))}
        </div>
        <input
          type="range"
          min={0}
          max={Math.max(0, last)}
          value={step}
          aria-label="Step of the journal"
          aria-valuetext={`step ${step + 1} of ${last + 1}: ${state}`}
          onInput={(event) => store.goTo(Number(event.currentTarget.value))}
          onKeyDown={(event) => {
            // The page's own keys do the same, also without the focus here.
            if (event.key.startsWith('Arrow')) event.preventDefault();
          }}
        />
      </div>
      <output class="position">
        <b>{step + 1}</b>/{last + 1}
      </output>
      <button
        type="button"
        class={isLive ? 'button live on' : 'button live'}
        aria-pressed={isLive}
        title="To the last step (End)"
        onClick={() => store.goTo(null)}
      >
        {store.hasEnded.value ? 'Latest' : 'Live'}
      </button>
      <Control
        icon={zoom === 'overview' ? 'actual' : 'fit'}
        label={zoom === 'overview' ? 'All labels, following the active state (f)' : 'Overview (f)'}
        isOff={false}
        onClick={() => onZoom(zoom === 'overview' ? 'full' : 'overview')}
      />
    </div>
  );
}

interface ControlProps {
  readonly icon: IconName;
  readonly label: string;
  readonly isOff: boolean;
  readonly onClick: () => void;
}

function Control({ icon, label, isOff, onClick }: ControlProps) {
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-label={label}
      disabled={isOff}
      onClick={onClick}
    >
      <Icon name={icon} isFilled={icon === 'play'} />
    </button>
  );
}
