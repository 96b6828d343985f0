import { describe, expect, test } from '@jest/globals';
import { CHAIN_MARKET } from '../../src/demo/market.ts';
import { messageTexts } from '../../src/terminal/message-text.ts';
import type { JournaledMessage } from '../../src/protocol/messages.ts';

const HASH = `0x${'ab'.repeat(32)}`;
const SIGNER = `0x${'12'.repeat(20)}`;
const ROUTER = `0x${'cD'.repeat(20)}`;
const TERMS = { sellToken: 'WETH', buyToken: 'USDC', sellAmount: '1320000000000000000' };
const textOf = messageTexts(CHAIN_MARKET.tokens, new Map([[ROUTER.toLowerCase(), 'alpha-v2']]));
const base = {
  orderId: 'a'.repeat(32),
  seq: 1,
  progress: 0,
  timestamp: '2026-11-22T10:00:00.000Z',
  attempt: 1,
};

function text(message: JournaledMessage): string {
  return textOf(message, TERMS);
}

describe('the text of a message in the terminal', () => {
  test('an accepted order shows the sold amount in whole tokens', () => {
    const message = { type: 'pending', ...base, state: 'pending', message: 'Accepted' } as const;
    expect(text(message)).toBe('Accepted: sell 1.32 WETH for USDC');
  });

  test('a confirmed swap shows amounts, venue, price, block and the whole hash', () => {
    const fill = { executedSellAmount: TERMS.sellAmount, executedBuyAmount: '3952610743' };
    const message = {
      type: 'confirmed',
      ...base,
      ...fill,
      state: 'confirmed',
      venue: 'beta-v2',
      transactionHash: HASH,
      block: 33,
      message: 'Sold',
    } as const;
    expect(text(message)).toBe(
      `Sold 1.32 WETH for 3952.610743 USDC on beta-v2, 2994.402078 USDC for a WETH, block 33, ${HASH}`,
    );
    expect(
      textOf(
        { ...message, executedSellAmount: '3000000000', executedBuyAmount: '1000000000000000000' },
        { sellToken: 'USDC', buyToken: 'WETH', sellAmount: '3000000000' },
      ),
    ).toContain('3000 USDC for a WETH');
  });

  test('a transaction that is sent shows its nonce and signer', () => {
    const transaction = { hash: HASH, signer: SIGNER, nonce: 12, epoch: 1 };
    const state = 'submitted.broadcasting';
    const message = { type: 'submitted', ...base, state, venue: 'v', transaction } as const;
    expect(text({ ...message, message: `Sending ${HASH}` })).toBe(
      'Sending 0xabababab…abab, nonce 12 of 0x12121212…1212',
    );
  });

  test('amounts in a text become whole tokens, and known addresses become names', () => {
    const error = { code: 'c', message: 'm' };
    const retry = { type: 'retry', ...base, of: 3, delayMs: 1, retryAt: base.timestamp, error } as const;
    const message = `The best offer is 3000000 USDC; ${ROUTER} takes, ${SIGNER} gives`;
    expect(text({ ...retry, state: 'routing.backoff', message })).toBe(
      'The best offer is 3 USDC; alpha-v2 takes, 0x12121212…1212 gives',
    );
  });
});
