/** Which creations are shown, and in which order. */
import { choose, isOldestFirst, range, RANGES } from './filters.ts';

export function TimeRange() {
  const { name, since, until } = range.value;
  const between = (from: number | null, to: number | null): void =>
    choose({ time: `${from ?? ''}-${to ?? ''}` });
  return (
    <>
      <select
        aria-label="Time of creation"
        value={name}
        onChange={({ currentTarget: { value } }) =>
          choose({ time: value === 'any' ? '' : value === 'between' ? '-' : value })
        }
      >
        <option value="any">Any time</option>
        {Object.entries(RANGES).map(([each, { name: text }]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
        <option value="between">Between …</option>
      </select>
      {name === 'between' && (
        <>
          <input
            type="datetime-local"
            aria-label="Created from"
            value={localText(since)}
            onChange={({ currentTarget: { value } }) => between(timeOf(value), until)}
          />
          <input
            type="datetime-local"
            aria-label="Created before"
            value={localText(until)}
            onChange={({ currentTarget: { value } }) => between(since, timeOf(value))}
          />
        </>
      )}
      <select
        aria-label="Order of the list"
        value={isOldestFirst.value ? 'oldest' : 'newest'}
        onChange={({ currentTarget: { value } }) => choose({ oldestFirst: value === 'oldest' })}
      >
        <option value="newest">Newest first</option>
        <option value="oldest">Oldest first</option>
      </select>
    </>
  );
}

/** As the field wants it: `2026-01-31T12:00`, in local time. */
function localText(at: number | null): string {
  if (at === null) return '';
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function timeOf(text: string): number | null {
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? null : at;
}
