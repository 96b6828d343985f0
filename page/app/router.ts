/** The address of the page, as paths below the root: `orders/7k3f…`. */
import { signal } from '@preact/signals';
import { ROOT } from '../api/rest.ts';

export const path = signal(currentPath());
/** Of the address, when the page was opened or its history was walked; `setQuery` changes both. */
export const query = signal(new URLSearchParams(location.search));

export function hrefOf(to: string): string {
  return `${ROOT}${to}`;
}

export function navigate(to: string): void {
  history.pushState(null, '', hrefOf(to));
  readLocation();
  scrollTo(0, 0);
}

/** Changes the query without a new entry in the history. Null removes a parameter. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== location.href) history.replaceState(null, '', url);
}

/** Links inside the page load nothing. */
export function startRouter(): void {
  // Browsers ask for the icon again in each new place, and its address is relative to the first.
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  icon?.setAttribute('href', icon.href);
  addEventListener('popstate', readLocation);
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target.closest('a') : null;
    if (target === null || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || target.target !== '') return;
    const url = new URL(target.href, location.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(ROOT) || target.hasAttribute('download'))
      return;
    const to = url.pathname.slice(ROOT.length);
    // Not a part of this page.
    if (to.startsWith('api/') || to === 'docs') return;
    event.preventDefault();
    navigate(`${to}${url.search}`);
  });
}

function readLocation(): void {
  query.value = new URLSearchParams(location.search);
  path.value = currentPath();
}

function currentPath(): string {
  return location.pathname.slice(ROOT.length).replace(/\/$/, '');
}
