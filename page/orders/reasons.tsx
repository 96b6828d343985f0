/** Why orders failed, were cancelled or wait: each code with how many, to choose by. */
import { readable } from '../parts/format.ts';
import { choose, reason, reasons } from './filters.ts';

export function Reasons() {
  if (reasons.value.length === 0) return null;
  return (
    <div class="reasons" role="group" aria-label="Filter by reason">
      {reasons.value.map(({ code, message, count }) => (
        <button
          key={code}
          type="button"
          aria-pressed={reason.value === code}
          title={readable(message)}
          onClick={() => choose({ reason: reason.value === code ? '' : code })}
        >
          <b>{count}</b>
          <span>{code.replaceAll('_', ' ')}</span>
        </button>
      ))}
    </div>
  );
}
