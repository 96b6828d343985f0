/** The one place that turns what a server sent into typed messages. The server is trusted to keep the protocol; a proxy may not be. */
import type { Message, OrdersMessage } from '../../protocol/messages.ts';
import { Lost } from './transport.ts';

/** @throws Lost: connecting again may reach a server of Fillstream */
export function parseMessage(text: string): Message | OrdersMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Lost(`not JSON: ${text.slice(0, 100)}`, error);
  }
  return readMessage(json);
}

/** @throws Lost */
export function readMessage(json: unknown): Message | OrdersMessage {
  const isMessage =
    typeof json === 'object' && json !== null && 'type' in json && typeof json.type === 'string';
  if (!isMessage) throw new Lost(`not a message of this protocol: ${JSON.stringify(json).slice(0, 100)}`);
  if ('seq' in json && !(Number.isSafeInteger(json.seq) && 'orderId' in json)) {
    throw new Lost(`an entry without a seq and an order: ${JSON.stringify(json).slice(0, 100)}`);
  }
  return json as Message | OrdersMessage;
}

/** Of those that an order's stream has. */
export function isOrdersMessage(message: Message | OrdersMessage): message is OrdersMessage {
  return 'scope' in message && message.type !== 'error';
}
