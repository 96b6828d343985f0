/** What the list says where it shows no orders, and below them. */
import { link } from '../app/link.ts';
import { asked, chooseAll, counts, loadedCount, shown } from './filters.ts';
import { hasMore, isIncomplete, isSearching, refusal } from './found.ts';
import { isLoaded, isLoadingMore, MOST_ROWS, nextCursor } from './orders-store.ts';

export function Empty({ onNew }: { readonly onNew: () => void }) {
  if (!isLoaded.value) {
    return (
      <div class="empty" aria-busy="true">
        {link.value === 'offline' ? (
          <>
            <b>The server does not answer</b>
            <p>Trying again. Nothing is lost: orders and their journal are on the server.</p>
          </>
        ) : (
          <p>Loading …</p>
        )}
      </div>
    );
  }
  if (isSearching.value) {
    return (
      <div class="empty" aria-busy="true">
        <p>Searching …</p>
      </div>
    );
  }
  if (counts.value.all > 0) {
    return (
      <div class="empty">
        <b>No order matches</b>
        {refusal.value !== null && <p>{refusal.value}</p>}
        <button type="button" class="button" onClick={chooseAll}>
          Show all
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <b>No orders yet</b>
      <p>Post one here, or with curl as the README shows. It appears at once.</p>
      <button type="button" class="button primary" onClick={onNew}>
        New order
      </button>
    </div>
  );
}

export function footText(): string {
  const matching = shown.value.length;
  if (asked.value !== null) {
    const rest = isSearching.value ? 'Searching … ' : '';
    const lacking = isIncomplete.value ? ' Orders of an older release are still being indexed.' : '';
    return `${rest}${matching} found${hasMore.value ? '; scroll for more' : ''}.${lacking}`;
  }
  const newest = loadedCount.value;
  const isAll = nextCursor.value === null && newest < MOST_ROWS;
  const loading = isLoadingMore.value ? 'Loading more … ' : '';
  return `${loading}${isAll ? '' : 'The newest '}${newest} of ${Math.max(counts.value.all, newest)}${isAll ? '' : '; scroll for more'}.`;
}
