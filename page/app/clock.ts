import { signal } from '@preact/signals';

const TICK_MS = 500;

/** Unix milliseconds, twice a second, while the page can be seen. */
export const now = signal(Date.now());

export function startClock(): void {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, TICK_MS);
}
