/** Whether the server sends what happens. */
import { signal } from '@preact/signals';

export type Link = 'connecting' | 'live' | 'offline';

export const link = signal<Link>('connecting');

/** What the stream of the shown page does when its user does not want to wait. */
let retry: () => void = () => undefined;

export function onRetry(run: () => void): void {
  retry = run;
}

export function retryNow(): void {
  retry();
}

/** A laptop that slept finds its connections dead before the browser does. */
export function retryAfterSleep(): void {
  let lastAt = Date.now();
  setInterval(() => {
    const slept = Date.now() - lastAt > 30_000;
    lastAt = Date.now();
    if (slept) retry();
  }, 2_000);
  addEventListener('online', () => retry());
}
