import type { Route } from '../route.ts';

/** `GET /api/orders/:orderId/events` as `getOrdersByOrderIdEvents`. */
export function operationIdOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path.replace(/^\/(api\/)?/, '').split(/[/.]/);
  const named = words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word)));
  return `${method.toLowerCase()}${named.join('')}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
