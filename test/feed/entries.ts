/** Made-up orders and what they would journal. */
import { randomBytes } from 'node:crypto';
import type { JournaledMessage } from '../../src/protocol/messages.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export function newOrderId(): string {
  return [...randomBytes(32)].map((byte) => BASE32.charAt(byte & 31)).join('');
}

const timestamp = '2026-11-22T10:00:00.000Z';

/** Entry `seq` of an order that is routed forever. @param message its text; its length is the entry's size */
export function entry(orderId: string, seq: number, message = 'Asking the venues'): JournaledMessage {
  if (seq === 1) {
    return { type: 'pending', orderId, seq, state: 'pending', progress: 0, message, timestamp };
  }
  return {
    type: 'routing',
    orderId,
    seq,
    state: 'routing.quoting',
    progress: 10,
    attempt: seq,
    message,
    timestamp,
  };
}

export function lastEntry(orderId: string, seq: number): JournaledMessage {
  return {
    type: 'confirmed',
    orderId,
    seq,
    state: 'confirmed',
    progress: 100,
    venue: 'v2',
    executedSellAmount: '1',
    executedBuyAmount: '2',
    transactionHash: '0x',
    block: 1,
    message: 'Sold',
    timestamp,
  };
}
