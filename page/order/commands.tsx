/** What a user can do about an order that has not ended: cancel it, end its backoff, and as an operator lift its hold. */
import { useState } from 'preact/hooks';
import type { OrderView } from '../../src/protocol/views.ts';
import { cancelForOwner, cancelOrder, liftHold, retryOrder } from '../api/answers.ts';
import { isWithTicket } from '../api/rest.ts';
import { mayDo } from '../api/session.ts';
import { Action, refusalText } from '../parts/action.tsx';
import type { OrderStore } from './order-store.ts';

export function CancelButton({ store, order }: { readonly store: OrderStore; readonly order: OrderView }) {
  // With a ticket an operator reads another owner's order.
  const isForOwner = isWithTicket();
  if (store.hasEnded.value || !mayDo(isForOwner ? 'operate' : 'submit')) return null;
  return (
    <Action
      name="Cancel …"
      confirm="Cancel the order"
      keep="Keep it"
      isDanger
      run={async () => {
        await (isForOwner ? cancelForOwner : cancelOrder)(order.orderId);
        void store.refresh();
        return 'Cancellation requested';
      }}
    />
  );
}

export function LiftHoldButton({ store }: { readonly store: OrderStore }) {
  if (!mayDo('operate')) return null;
  return (
    <Action
      name="Lift the hold …"
      confirm="Lift the hold"
      keep="Leave it held"
      isSmall
      run={async () => {
        const { wasHeld } = await liftHold(store.orderId);
        void store.refresh();
        return wasHeld ? 'Workers may run it again' : 'It was not held';
      }}
    />
  );
}

interface RetryProps {
  readonly store: OrderStore;
  /** When the backoff ends; null: there is none. */
  readonly retryAt: string | null;
}

export function RetryButton({ store, retryAt }: RetryProps) {
  /** The backoff that was ended, or why it was not. */
  const [sent, setSent] = useState<{ readonly retryAt: string; readonly failed: string | null } | null>(null);
  if (retryAt === null || store.hasEnded.value || isWithTicket() || !mayDo('submit')) return null;
  const retry = async (): Promise<void> => {
    try {
      await retryOrder(store.orderId);
      setSent({ retryAt, failed: null });
      await store.refresh();
    } catch (error) {
      setSent({ retryAt, failed: refusalText(error) });
    }
  };
  const isSent = sent?.retryAt === retryAt && sent.failed === null;
  return (
    <>
      {sent?.failed != null && <small role="alert">{sent.failed}</small>}
      <button type="button" class="button small" disabled={isSent} onClick={() => void retry()}>
        {isSent ? 'Retrying …' : 'Retry now'}
      </button>
    </>
  );
}
