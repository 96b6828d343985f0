/**
 * What people with a share link see of an order. Fields are shown only if they are named here: what is added to messages later is
 * hidden until somebody decides otherwise.
 */
import type { Message, OrdersMessage } from './messages.ts';
import type { OrderView, TransitionsView } from './views.ts';

/** `amounts`: amounts, prices and texts that name them. `addresses`: accounts and transactions. */
export const HIDEABLE = ['amounts', 'addresses'] as const;
export type Hideable = (typeof HIDEABLE)[number];

export interface Redaction {
  /** It has the keys of the message that may be shown, in the same order. */
  message(message: Message | OrdersMessage): object;
  order(view: OrderView): OrderView;
  transitions(view: TransitionsView): object;
}

const ALWAYS = [
  ...[
    'type',
    'orderId',
    'seq',
    'scope',
    'state',
    'progress',
    'lastProgress',
    'timestamp',
    'status',
    'lastSeq',
  ],
  ...['attempt', 'of', 'delayMs', 'retryAt', 'validTo', 'sellToken', 'buyToken', 'venue', 'code', 'token'],
];
const AMOUNTS = [
  ...['sellAmount', 'minBuyAmount', 'slippageBps', 'quotes', 'buyAmount'],
  ...['executedSellAmount', 'executedBuyAmount'],
];
const ADDRESSES = ['recipient', 'transaction', 'transactionHash', 'block'];
/** A code and a text: the code alone is shown. */
const EXPLAINED = ['error', 'reason', 'waitingFor', 'deviation', 'held'];

interface Explained {
  readonly code: string;
  readonly message: string;
}

export function redactionOf(hides: readonly Hideable[]): Redaction {
  const hidesAmounts = hides.includes('amounts');
  const hidesAddresses = hides.includes('addresses');
  const shown = new Set([...ALWAYS, ...(hidesAmounts ? [] : AMOUNTS), ...(hidesAddresses ? [] : ADDRESSES)]);
  const explained = <Kept extends Explained>(kept: Kept | null): Kept | null =>
    kept === null || hides.length === 0 ? kept : { ...kept, message: kept.code };

  function message(sent: Message | OrdersMessage): object {
    return Object.fromEntries(
      Object.entries(sent).flatMap(([key, value]: [string, unknown]) => {
        if (key === 'message') return [[key, textOf(sent, hides)]];
        if (EXPLAINED.includes(key) && isExplained(value)) return [[key, explained(value)]];
        return shown.has(key) ? [[key, value]] : [];
      }),
    );
  }

  return {
    message,

    order: (view) => ({
      ...view,
      clientOrderId: null,
      ...(hidesAmounts
        ? {
            sellAmount: null,
            minBuyAmount: null,
            slippageBps: null,
            quotes: [],
            executedSellAmount: null,
            executedBuyAmount: null,
          }
        : {}),
      ...(hidesAddresses ? { recipient: null, transactions: [] } : {}),
      deviation: explained(view.deviation),
      reason: explained(view.reason),
      waitingFor: explained(view.waitingFor),
      held: explained(view.held),
    }),

    transitions: (view) => ({
      ...view,
      transitions: view.transitions.map(
        ({ seq, at, state, machineVersion, event, edges, message: sent }) => ({
          seq,
          at,
          state,
          machineVersion,
          // The payload of an event has everything in it.
          event: { type: event.type, at: event.at, draw: event.draw },
          edges,
          message: message(sent),
        }),
      ),
    }),
  };
}

/** Texts of journaled messages name amounts, accounts and transactions; those of control messages name none. */
function textOf(sent: Message | OrdersMessage, hides: readonly Hideable[]): string {
  if (hides.length === 0 || !('seq' in sent)) return sent.message;
  return sent.type === 'retry' ? `Waiting to try again (${sent.state})` : `The order is ${sent.state}`;
}

function isExplained(value: unknown): value is Explained {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
