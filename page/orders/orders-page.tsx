import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { navigate } from '../app/router.ts';
import { Icon } from '../parts/icon.tsx';
import { startCounting } from './counts.ts';
import { Empty, footText } from './empty.tsx';
import { asked, choose, counts, filter, FILTERS, search, shown } from './filters.ts';
import { findMore, startSearching } from './found.ts';
import { OrderRow } from './order-row.tsx';
import { mayDo } from '../api/session.ts';
import { isPaused, loadMore, missed, openList, setPaused } from './orders-store.ts';
import { Reasons } from './reasons.tsx';
import { TimeRange } from './time-range.tsx';
import { SubmitForm } from './submit-form.tsx';

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
    const closers = [openList(), startSearching(), startCounting()];
    return () => closers.forEach((close) => close());
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
          placeholder="Search all orders   /"
          aria-label="Search all orders: id or its beginning, your id, transaction, token, pair, error code"
          value={search.value}
          onInput={(event) => choose({ search: event.currentTarget.value })}
        />
        <TimeRange />
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
          if (top + clientHeight > scrollHeight - 20 * ROW_HEIGHT) more();
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
        {rows.length === 0 && <Empty onNew={() => (isFormOpen.value = true)} />}
      </div>
    </div>
  );
}

function more(): void {
  if (asked.value === null) void loadMore();
  else findMore();
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
