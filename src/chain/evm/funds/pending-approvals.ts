import type { ReservationOwner } from '../../../store/ledger.ts';

interface Waited {
  readonly approval: ReservationOwner;
  readonly orderIds: Set<string>;
}

/**
 * Which orders of this process wait for which approval. The account names an approval only until it is final, and an order may look
 * less often. After a restart an order that waited is taken for one that comes anew: it may send one more approval.
 */
export class PendingApprovals {
  readonly #waited = new Map<string, Waited>();

  add(accountId: string, approval: ReservationOwner, orderId: string): void {
    const key = keyOf(accountId, approval);
    const known = this.#waited.get(key);
    if (known?.approval.epoch === approval.epoch) known.orderIds.add(orderId);
    else this.#waited.set(key, { approval, orderIds: new Set([orderId]) });
  }

  /** The approval that this order waited for last. Null: there is none. */
  of(accountId: string, approvalId: string, orderId: string): ReservationOwner | null {
    const waited = this.#waited.get(keyOf(accountId, { orderId: approvalId }));
    return waited?.orderIds.has(orderId) === true ? waited.approval : null;
  }
}

function keyOf(accountId: string, { orderId }: Pick<ReservationOwner, 'orderId'>): string {
  return `${accountId} ${orderId}`;
}
