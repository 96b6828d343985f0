/**
 * Sends what a share of the orders do to an inspector, as they do it, over a WebSocket. It is a hint for people: where the inspector
 * is away or slow, events are dropped, and the worker never waits.
 */
import { WebSocket } from 'ws';
import { actorEvent, stepEvents, type InspectedStep, type InspectionEvent } from './inspection-events.ts';

export interface LiveInspectionOptions {
  readonly url: string;
  /** 0 to 1. An order is inspected by all workers or by none: its id decides. */
  readonly share: number;
  /** JSON of each machine version's config. */
  readonly definitions: ReadonlyMap<number, string>;
  /** Says once what became of the connection. */
  readonly onState: (state: 'connected' | 'lost', reason: string) => void;
  readonly reconnectMs?: number;
}

export interface LiveInspection {
  /** After a transition was stored. Does not throw. */
  readonly inspect: (step: InspectedStep) => void;
  readonly close: () => void;
}

const RECONNECT_MS = 5_000;
/** Bytes that may wait for a slow inspector. */
const MOST_WAITING = 1_048_576;
/** Orders whose actor was announced; forgotten from the oldest. */
const MOST_KNOWN = 10_000;

export function openLiveInspection(options: LiveInspectionOptions): LiveInspection {
  const { url, share, definitions, onState, reconnectMs = RECONNECT_MS } = options;
  /** Those that this connection knows. */
  const known = new Set<string>();
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  let state: 'connected' | 'lost' | null = null;

  function told(next: 'connected' | 'lost', reason: string): void {
    if (state !== next) onState(next, reason);
    state = next;
  }

  function connect(): void {
    const opened = new WebSocket(url);
    socket = opened;
    opened.on('open', () => {
      known.clear();
      told('connected', '');
    });
    opened.on('error', ({ message }) => told('lost', message));
    opened.on('close', (code) => {
      if (isClosed) return;
      told('lost', `closed with ${code}`);
      timer = setTimeout(connect, reconnectMs);
      timer.unref();
    });
  }

  function send(event: InspectionEvent): void {
    socket?.send(JSON.stringify(event), () => undefined);
  }

  connect();
  return {
    inspect(step) {
      if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > MOST_WAITING) return;
      if (positionOf(step.orderId) >= share) return;
      if (!known.has(step.orderId)) {
        remember(known, step.orderId);
        const { machineVersion } = step.after;
        send(actorEvent(step, definitions.get(machineVersion) ?? '{}'));
      }
      for (const event of stepEvents(step)) send(event);
      if (step.after.status === 'done') known.delete(step.orderId);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** From [0, 1), evenly spread over all orders: ids are hashes in base 32. */
function positionOf(orderId: string): number {
  let sum = 0;
  for (let index = 0; index < 6; index += 1)
    sum = sum * 32 + Math.max(0, LETTERS.indexOf(orderId.charAt(index)));
  return sum / 32 ** 6;
}

function remember(known: Set<string>, orderId: string): void {
  const [oldest] = known;
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest);
  known.add(orderId);
}
