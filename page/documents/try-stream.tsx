/** Opens a stream on the transport that the reader chooses, and shows what comes, as it comes. */
import { useSignal } from '@preact/signals';
import { io } from 'socket.io-client';
import { ROOT } from '../api/rest.ts';

const TRANSPORTS = [
  'WebSocket',
  'Server-sent events',
  'Socket.IO',
  'All orders (server-sent events)',
] as const;
type Transport = (typeof TRANSPORTS)[number];
/** Older ones are dropped: a busy server would fill the page. */
const MAX_LINES = 500;

interface Watch {
  readonly orderId: string;
  readonly show: (line: string) => void;
}

/** @returns ends it */
type Open = (watch: Watch) => () => void;

const OPEN: Readonly<Record<Transport, Open>> = {
  WebSocket({ orderId, show }) {
    const { protocol, host } = location;
    const socket = new WebSocket(
      `${protocol.replace('http', 'ws')}//${host}${ROOT}api/orders/status/${encodeURIComponent(orderId)}`,
    );
    socket.onmessage = ({ data }) => show(String(data));
    socket.onclose = ({ code }) => show(`closed: ${code}`);
    return () => socket.close();
  },
  'Server-sent events': ({ orderId, show }) =>
    openEvents(`${ROOT}api/orders/${encodeURIComponent(orderId)}/events`, show),
  'Socket.IO'({ orderId, show }) {
    const socket = io({ path: `${ROOT}socket.io/` });
    socket.on('status', (message: unknown) => show(JSON.stringify(message)));
    socket.on('connect', () => {
      socket.emit('subscribe', { orderId }, (answer: unknown) =>
        show(`acknowledged: ${JSON.stringify(answer)}`),
      );
    });
    return () => void socket.disconnect();
  },
  'All orders (server-sent events)': ({ show }) => openEvents(`${ROOT}api/orders/events`, show),
};

function openEvents(url: string, show: (line: string) => void): () => void {
  const events = new EventSource(url);
  events.onmessage = ({ data }) => show(String(data));
  events.onerror = () =>
    show(events.readyState === EventSource.CLOSED ? 'ended' : 'the connection was lost: connecting again');
  return () => events.close();
}

export function TryStream() {
  const transport = useSignal<Transport>('WebSocket');
  const orderId = useSignal('');
  const lines = useSignal<readonly string[]>([]);
  const end = useSignal<(() => void) | null>(null);
  const stop = (): void => {
    end.value?.();
    end.value = null;
  };
  const start = (): void => {
    stop();
    lines.value = [];
    const show = (line: string): void => {
      lines.value = [...lines.value, line].slice(-MAX_LINES);
    };
    end.value = OPEN[transport.value]({ orderId: orderId.value.trim(), show });
  };
  return (
    <section aria-label="Try it">
      <h2>Try it</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <label>
          Transport
          <select
            onChange={({ currentTarget: { value } }) => {
              transport.value = TRANSPORTS.find((each) => each === value) ?? 'WebSocket';
            }}
          >
            {TRANSPORTS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          Order id
          <input value={orderId} onInput={({ currentTarget: { value } }) => (orderId.value = value)} />
        </label>
        <button type="submit">Connect</button>
        <button type="button" onClick={stop} disabled={end.value === null}>
          Close
        </button>
      </form>
      <ol aria-label="What came" aria-live="polite">
        {lines.value.map((line, index) => (
          <li key={index}>{line}</li>
        ))}
      </ol>
    </section>
  );
}
