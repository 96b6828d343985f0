/** A React hook that follows an order: `const { messages, isEnded } = useOrder(url, orderId)`. Needs nothing but React. */
import { useEffect, useState } from 'react';

export interface OrderMessage {
  readonly type: string;
  readonly seq?: number;
  readonly progress?: number;
  readonly message: string;
}

export interface FollowedOrder {
  /** The journal so far, without control messages. */
  readonly messages: readonly OrderMessage[];
  readonly progress: number;
  readonly isEnded: boolean;
}

const NOTHING: FollowedOrder = { messages: [], progress: 0, isEnded: false };
const ENDS = ['confirmed', 'failed', 'cancelled'];
const COME_BACK_AFTER_MS = 1_000;

export function useOrder(url: string, orderId: string): FollowedOrder {
  const [order, setOrder] = useState(NOTHING);

  useEffect(() => {
    let events: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastSeq = 0;
    setOrder(NOTHING);

    function open(): void {
      events = new EventSource(`${url}/api/orders/${orderId}/events?after=${lastSeq}`);
      events.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as OrderMessage;
        const isEnded = ENDS.includes(message.type);
        if (message.seq !== undefined) lastSeq = message.seq;
        setOrder(({ messages }) => ({
          messages: message.seq === undefined ? messages : [...messages, message],
          progress: message.progress ?? 0,
          isEnded,
        }));
        if (isEnded) events?.close();
      };
      // EventSource comes back by itself, but gives up at a status other than 200, as while the server restarts.
      events.onerror = () => {
        if (events?.readyState === EventSource.CLOSED) timer = setTimeout(open, COME_BACK_AFTER_MS);
      };
    }

    open();
    return () => {
      clearTimeout(timer);
      events?.close();
    };
  }, [url, orderId]);

  return order;
}
