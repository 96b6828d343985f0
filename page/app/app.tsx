import { chain } from '../api/chain.ts';
import { Icon } from '../parts/icon.tsx';
import { MachinesPage } from '../machines/machines-page.tsx';
import { EmbedPage } from '../order/embed-page.tsx';
import { OrderPage } from '../order/order-page.tsx';
import { OrdersPage } from '../orders/orders-page.tsx';
import { SystemPage } from '../system/system-page.tsx';
import { session } from '../api/session.ts';
import { Account, SignIn } from './account.tsx';
import { link, retryNow } from './link.ts';
import { hrefOf, path } from './router.ts';
import { nextTheme, theme } from './theme.ts';

const PLACES = [
  { to: '', name: 'Orders', isAt: (at: string) => at === '' || at.startsWith('orders/') },
  { to: 'machines', name: 'Machines', isAt: (at: string) => at.startsWith('machines') },
  { to: 'system', name: 'System', isAt: (at: string) => at === 'system' },
] as const;

const LINK_TEXT = { connecting: 'Connecting', live: 'Live', offline: 'Reconnecting' } as const;

export function App() {
  const [place = '', detail = '', view = ''] = path.value.split('/');
  if (place === 'orders' && view === 'embed') {
    return <EmbedPage key={detail} orderId={decodeURIComponent(detail)} />;
  }
  return (
    <>
      <header class="top">
        <a class="brand" href={hrefOf('')}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M9 10h8.5a4 4 0 0 1 0 8H14a4 4 0 0 0-4 4" />
            <circle cx="9" cy="10" r="3.2" />
            <circle class="end" cx="10" cy="22.5" r="3.2" />
          </svg>
          Fillstream
        </a>
        <nav aria-label="Pages">
          {PLACES.map(({ to, name, isAt }) => (
            <a key={to} href={hrefOf(to)} aria-current={isAt(path.value) ? 'page' : undefined}>
              {name}
            </a>
          ))}
          <a href={hrefOf('docs')}>API</a>
        </nav>
        {chain.value?.execution === 'simulated' && (
          <span class="badge" title="Nothing is really swapped">
            simulated
          </span>
        )}
        <span class={`link ${link.value}`} role="status">
          <i />
          {LINK_TEXT[link.value]}
        </span>
        <button
          type="button"
          class="icon-button"
          title={`Theme: ${theme.value}`}
          aria-label={`Theme: ${theme.value}. Change it`}
          onClick={nextTheme}
        >
          <Icon name="theme" />
        </button>
        <Account />
      </header>
      {link.value === 'offline' && session.value !== null && (
        <div class="banner" role="alert">
          The connection is lost, and what you see may be old. Orders go on without this page.
          <button type="button" class="button" onClick={retryNow}>
            Try now
          </button>
        </div>
      )}
      <Place />
    </>
  );
}

function Place() {
  // A share link brings its own ticket.
  const isShared = path.value.endsWith('/embed');
  if (session.value === null && !isShared) return <SignIn />;
  // What is shown begins to load when it is known for whom.
  if (session.value === 'unknown' && !isShared) return <main class="empty" />;
  const [place = '', detail = ''] = path.value.split('/');
  if (place === '') return <OrdersPage />;
  if (place === 'orders' && detail !== '')
    return <OrderPage key={detail} orderId={decodeURIComponent(detail)} />;
  if (place === 'machines') return <MachinesPage version={/^\d+$/.test(detail) ? Number(detail) : null} />;
  if (place === 'system') return <SystemPage />;
  return (
    <main class="empty">
      <h1>There is nothing here</h1>
      <a class="button" href={hrefOf('')}>
        All orders
      </a>
    </main>
  );
}
