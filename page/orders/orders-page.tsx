import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { link } from '../app/link.ts';
import { navigate } from '../app/router.ts';
import { Icon } from '../parts/icon.tsx';
import { choose, counts, filter, FILTERS, reason, reasons, search, shown } from './filters.ts';
import { OrderRow } from './order-row.tsx';
import {
  isLoaded,
  isLoadingMore,
  isPaused,
  loadMore,
  missed,
  MOST_ROWS,
  nextCursor,
  openList,
  setPaused,
} from './orders-store.ts';
import { mayDo } from '../api/session.ts';
import { SubmitForm } from './submit-form.tsx';
import { readable } from '../parts/format.ts';

const ROW_HEIGHT = 44;
/** Rows that are kept above and below what can be seen. */
const SPARE = 6;

const scrollTop = signal(0);
const viewHeight = signal(600);
const selected = signal(0);
const isFormOpen = signal(false);

export function OrdersPage() {
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = 'Orders · Fillstream';
    return openList();
  }, []);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    element.scrollTop = scrollTop.value;
    const observer = new ResizeObserver(() => {
      viewHeight.value = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => pressed(event, list.current, field.current);
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <main class="orders">
      <h1 class="hidden">Orders</h1>
      <div class="bar">
        <div class="chips" role="group" aria-label="Filter by state">
          {FILTERS.map((each) => (
            <button
              key={each}
              type="button"
              class={`chip ${each}`}
              aria-pressed={filter.value === each}
              onClick={() => choose({ filter: each })}
            >
              {each}
              <b>{counts.value[each]}</b>
            </button>
          ))}
        </div>
        <input
          ref={field}
          type="search"
          placeholder="Search in what is loaded   /"
          aria-label="Search in the loaded orders: id, your id, token, state, reason"
          value={search.value}
          onInput={(event) => choose({ search: event.currentTarget.value })}
        />
        <button
          type="button"
          class={isPaused.value ? 'button on' : 'button'}
          aria-pressed={isPaused.value}
          title="Pause the list (p)"
          onClick={() => setPaused(!isPaused.value)}
        >
          <Icon name={isPaused.value ? 'play' : 'pause'} isFilled={isPaused.value} />
          {isPaused.value ? `Resume${missed.value > 0 ? ` (${missed.value} new)` : ''}` : 'Pause'}
        </button>
        {mayDo('submit') && (
          <button
            type="button"
            class="button primary"
            title="New order (n)"
            onClick={() => (isFormOpen.value = true)}
          >
            <Icon name="plus" />
            New order
          </button>
        )}
      </div>
      <Reasons />
      <Table listRef={list} />
      <p class="foot">{footText()}</p>
      {isFormOpen.value && mayDo('submit') && <SubmitForm onClose={() => (isFormOpen.value = false)} />}
    </main>
  );
}

function Reasons() {
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

function Table({ listRef }: { readonly listRef: { current: HTMLDivElement | null } }) {
  const rows = shown.value;
  const first = Math.max(0, Math.floor(scrollTop.value / ROW_HEIGHT) - SPARE);
  const last = Math.min(rows.length, Math.ceil((scrollTop.value + viewHeight.value) / ROW_HEIGHT) + SPARE);
  return (
    <div class="table" role="table" aria-label="Orders" aria-rowcount={rows.length + 1}>
      <div role="rowgroup">
        <div class="row head" role="row" aria-rowindex={1}>
          <span role="columnheader">Order</span>
          <span role="columnheader">Sells</span>
          <span role="columnheader">For</span>
          <span role="columnheader">State</span>
          <span role="columnheader">Progress</span>
          <span role="columnheader">Note</span>
          <span role="columnheader">Updated</span>
        </div>
      </div>
      <div
        class="rows"
        role="rowgroup"
        ref={listRef}
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop: top, clientHeight, scrollHeight } = event.currentTarget;
          scrollTop.value = top;
          if (top + clientHeight > scrollHeight - 20 * ROW_HEIGHT) void loadMore();
        }}
      >
        <div role="presentation" class="space" style={{ height: `${rows.length * ROW_HEIGHT}px` }}>
          {rows.slice(first, last).map((row, index) => (
            <OrderRow
              key={row.orderId}
              row={row}
              index={first + index}
              top={(first + index) * ROW_HEIGHT}
              isSelected={first + index === selected.value}
            />
          ))}
        </div>
        {rows.length === 0 && <Empty />}
      </div>
    </div>
  );
}

function Empty() {
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
  if (counts.value.all > 0) {
    return (
      <div class="empty">
        <b>No loaded order matches</b>
        <button
          type="button"
          class="button"
          onClick={() => choose({ filter: 'all', search: '', reason: '' })}
        >
          Show all
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <b>No orders yet</b>
      <p>Post one here, or with curl as the README shows. It appears at once.</p>
      <button type="button" class="button primary" onClick={() => (isFormOpen.value = true)}>
        New order
      </button>
    </div>
  );
}

function footText(): string {
  const loaded = counts.value.all;
  const matching = shown.value.length;
  const more =
    nextCursor.value === null
      ? loaded >= MOST_ROWS
        ? `the newest ${loaded}`
        : `${loaded}`
      : `the newest ${loaded}; scroll for more`;
  return `${isLoadingMore.value ? 'Loading more … ' : ''}${matching} shown of ${more}. Counts are of what is loaded.`;
}

function pressed(event: KeyboardEvent, list: HTMLDivElement | null, field: HTMLInputElement | null): void {
  if (event.metaKey || event.ctrlKey || event.altKey || isFormOpen.value) return;
  if (event.target instanceof HTMLInputElement) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const rows = shown.value;
  const move = (by: number): void => {
    selected.value = Math.max(0, Math.min(rows.length - 1, selected.value + by));
    const top = selected.value * ROW_HEIGHT;
    if (list === null) return;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW_HEIGHT > list.scrollTop + list.clientHeight)
      list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
  };
  const isOnControl = event.target instanceof Element && event.target.closest('button, a') !== null;
  switch (event.key) {
    case '/':
      field?.focus();
      break;
    case 'p':
      setPaused(!isPaused.value);
      break;
    case 'n':
      isFormOpen.value = true;
      break;
    case 'j':
    case 'ArrowDown':
      move(1);
      break;
    case 'k':
    case 'ArrowUp':
      move(-1);
      break;
    case 'Enter': {
      const row = rows[selected.value];
      if (row === undefined || isOnControl) return;
      navigate(`orders/${row.orderId}`);
      break;
    }
    default:
      return;
  }
  event.preventDefault();
}
