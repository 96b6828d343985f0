/**
 * Asks for what the page shows first, while its script is still being loaded and run: the requests that `api/rest.ts` then finds
 * answered, or on their way. It is a script of its own, because the policy allows none in the HTML.
 */
import { FIRST_ORDERS, FIRST_TRANSITIONS, type EarlyAnswers } from './api/early-answers.ts';

const root = new URL('../', import.meta.url).pathname;
const [place = '', orderId = '', view = ''] = location.pathname.slice(root.length).split('/');

/** Below the root. */
function pathsOf(): readonly string[] {
  const common = ['api/session', 'api/chain', 'api/tokens'];
  if (place === '') return [...common, FIRST_ORDERS, 'api/orders/counts'];
  // A ticket is added by the page.
  const isWithTicket = new URLSearchParams(location.search).has('ticket');
  if (place !== 'orders' || orderId === '' || view !== '' || isWithTicket) return common;
  const version = document.documentElement.dataset['machine'] ?? '';
  return [
    ...common,
    `api/orders/${orderId}`,
    `api/orders/${orderId}/${FIRST_TRANSITIONS}`,
    `api/machines/${version}`,
  ];
}

const answers: EarlyAnswers = new Map(
  pathsOf().map((path) => {
    const answer = fetch(`${root}${path}`, { cache: 'no-store' });
    // The page sees the failure when it uses the answer.
    answer.catch(() => undefined);
    return [path, answer];
  }),
);
Reflect.set(globalThis, 'fillstreamEarly', answers);
