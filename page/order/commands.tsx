/** What a user can do about an order that has not ended: cancel it, or end its backoff. */
import { useState } from 'preact/hooks';
import type { OrderView } from '../../src/protocol/views.ts';
import { cancelOrder, retryOrder } from '../api/answers.ts';
import { Refused } from '../api/rest.ts';
import { mayDo } from '../api/session.ts';
import type { OrderStore } from './order-store.ts';

export function CancelButton({ store, order }: { readonly store: OrderStore; readonly order: OrderView }) {
  const [phase, setPhase] = useState<'idle' | 'asking' | 'sent' | { readonly failed: string }>('idle');
  if (store.hasEnded.value || !mayDo('submit')) return null;
  const cancel = async (): Promise<void> => {
    try {
      await cancelOrder(order.orderId);
      setPhase('sent');
      await store.refresh();
    } catch (error) {
      setPhase({ failed: textOf(error) });
    }
  };
  if (phase === 'sent') {
    return (
      <span class="cancel" role="status">
        Cancellation requested
      </span>
    );
  }
  if (phase === 'asking') {
    return (
      <span class="cancel">
        <button type="button" class="button danger" onClick={() => void cancel()}>
          Cancel the order
        </button>
        <button type="button" class="button" onClick={() => setPhase('idle')}>
          Keep it
        </button>
      </span>
    );
  }
  return (
    <span class="cancel">
      {typeof phase === 'object' && <small role="alert">{phase.failed}</small>}
      <button type="button" class="button" onClick={() => setPhase('asking')}>
        Cancel …
      </button>
    </span>
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
  if (retryAt === null || store.hasEnded.value || !mayDo('submit')) return null;
  const retry = async (): Promise<void> => {
    try {
      await retryOrder(store.orderId);
      setSent({ retryAt, failed: null });
      await store.refresh();
    } catch (error) {
      setSent({ retryAt, failed: textOf(error) });
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

function textOf(error: unknown): string {
  return error instanceof Refused ? error.message : 'The server does not answer';
}
