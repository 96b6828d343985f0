import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TransitionView } from '../../src/protocol/views.ts';
import { now } from '../app/clock.ts';
import { ageText, durationText } from '../parts/format.ts';
import { entryMessage, entryTitle, entryTone } from './entry-text.ts';
import type { OrderStore } from './order-store.ts';

/** Every entry with the time it came at and how long its state lasted. A click shows that step. */
export function Timeline({ store }: { readonly store: OrderStore }) {
  const list = useRef<HTMLOListElement>(null);
  const entries = store.entries.value;
  const step = store.step.value;
  useLayoutEffect(() => {
    const box = list.current;
    const row = box?.children[step];
    // Only the list is scrolled: on a phone it has no bar of its own, and the page stays where it is.
    if (box === null || !(row instanceof HTMLElement) || box.scrollHeight <= box.clientHeight) return;
    const top = row.offsetTop - box.offsetTop;
    const least = top + row.offsetHeight - box.clientHeight + 8;
    box.scrollTop = Math.min(top - 8, Math.max(box.scrollTop, least));
  }, [step]);
  const first = entries[0];
  if (first === undefined) return null;
  const startsAt = Date.parse(first.at);
  const lastAt = Date.parse(entries.at(-1)?.at ?? first.at);
  const endsAt = store.hasEnded.value ? lastAt : Math.max(lastAt, now.value);
  const span = Math.max(1, endsAt - startsAt);
  return (
    <ol class="timeline" ref={list} aria-label="Timeline">
      {entries.map((entry, index) => {
        const at = Date.parse(entry.at);
        const until =
          entries[index + 1] === undefined ? endsAt : Date.parse(entries[index + 1]?.at ?? entry.at);
        const isLast = index === entries.length - 1;
        return (
          <Row
            key={entry.seq}
            entry={entry}
            offsetMs={at - startsAt}
            lastsMs={isLast && store.hasEnded.value ? 0 : until - at}
            left={((at - startsAt) / span) * 100}
            width={((until - at) / span) * 100}
            isShown={index === step}
            isLater={index > step}
            isOpen={isLast && !store.hasEnded.value}
            onPick={() => store.goTo(index)}
          />
        );
      })}
    </ol>
  );
}

interface RowProps {
  readonly entry: TransitionView;
  readonly offsetMs: number;
  readonly lastsMs: number;
  /** Percent of the order's time. */
  readonly left: number;
  readonly width: number;
  readonly isShown: boolean;
  readonly isLater: boolean;
  /** The order is in this state now. */
  readonly isOpen: boolean;
  readonly onPick: () => void;
}

function Row({ entry, offsetMs, lastsMs, left, width, isShown, isLater, isOpen, onPick }: RowProps) {
  const tone = entryTone(entry);
  const again = isOpen ? retryAtOf(entry) : null;
  return (
    <li class={isLater ? 'later' : isShown ? 'shown' : ''}>
      <button type="button" aria-current={isShown ? 'step' : undefined} onClick={onPick}>
        <time title={entry.at}>{(offsetMs / 1_000).toFixed(2)}</time>
        <i class={tone} />
        <span class="what">{entryTitle(entry)}</span>
        <span class="to">{entry.state}</span>
        <span class="bar" aria-hidden="true">
          <u
            class={tone === 'wait' || entry.message.type === 'retry' ? 'wait' : ''}
            style={{ left: `${left}%`, width: `${width}%` }}
          />
        </span>
        <span class="lasts">{lastsMs > 0 ? durationText(lastsMs) : ''}</span>
        <small class="said">
          {entryMessage(entry)}
          {again !== null && <b>{` Again in ${ageText(again - now.value)}`}</b>}
        </small>
      </button>
    </li>
  );
}

function retryAtOf({ message }: TransitionView): number | null {
  if (message.type === 'retry') return Date.parse(message.retryAt);
  if (!('waitingFor' in message) || message.waitingFor?.retryAt == null) return null;
  return Date.parse(message.waitingFor.retryAt);
}
