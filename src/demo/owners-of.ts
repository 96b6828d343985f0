/** Finds by REST which orders name these transactions. */
import { orderPageViewSchema } from '../protocol/views.ts';

export async function ownersOf(
  url: string,
  hashes: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  let next: string | null = '/api/orders?limit=200';
  while (next !== null && owners.size < hashes.size) {
    const response = await fetch(new URL(next, url));
    const page = orderPageViewSchema.parse(await response.json());
    for (const { orderId, transactions } of page.orders) {
      for (const { hash } of transactions) if (hashes.has(hash)) owners.set(hash, orderId);
    }
    next = page.links.next;
  }
  return owners;
}
