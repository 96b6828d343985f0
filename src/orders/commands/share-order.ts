/** Share links: a ticket for one order with an end, for people without a key. What they see is redacted. */
import { FillstreamError } from '../../errors.ts';
import type { Clock } from '../../runtime/time.ts';
import type { ShareRecord, Shares } from '../../store/identity.ts';
import type { StoredOrder } from '../../store/ports.ts';

export interface ShareDeps {
  /** An order of this owner. @throws FillstreamError order_not_found */
  readonly load: (owner: string, orderId: string) => Promise<StoredOrder>;
  readonly shares: Shares;
  readonly ticketOf: (share: ShareRecord) => Promise<string>;
  readonly newId: () => string;
  readonly clock: Clock;
}

export interface SharedBy {
  readonly owner: string;
  readonly keyId: string | null;
  /** Unix milliseconds: a link does not outlive the credentials that made it. Null: they have no end. */
  readonly expiresAt: number | null;
}

/** All methods throw FillstreamError order_not_found, and StoreUnavailable. */
export interface ShareOrders {
  create(
    by: SharedBy,
    orderId: string,
    forSeconds: number,
  ): Promise<{ readonly share: ShareRecord; readonly ticket: string }>;
  /** Newest first, with those that have ended. */
  list(owner: string, orderId: string): Promise<readonly ShareRecord[]>;
  /** Its streams end within five seconds. @throws FillstreamError not_found */
  revoke(owner: string, orderId: string, shareId: string): Promise<ShareRecord>;
}

export function shareOrders({ load, shares, ticketOf, newId, clock }: ShareDeps): ShareOrders {
  return {
    create: async ({ owner, keyId, expiresAt: by }, orderId, forSeconds) => {
      await load(owner, orderId);
      const createdAt = clock.now();
      const end = createdAt + forSeconds * 1000;
      const expiresAt = by === null ? end : Math.min(end, by);
      const share = { id: newId(), orderId, owner, keyId, createdAt, expiresAt, revokedAt: null };
      await shares.add(share);
      return { share, ticket: await ticketOf(share) };
    },

    list: async (owner, orderId) => {
      await load(owner, orderId);
      return shares.ofOrder(orderId);
    },

    revoke: async (owner, orderId, shareId) => {
      await load(owner, orderId);
      const revoked = await shares.revoke(orderId, shareId, clock.now());
      if (revoked !== null) return revoked;
      throw new FillstreamError('not_found', `Order ${orderId} has no share link ${JSON.stringify(shareId)}`);
    },
  };
}
