import { expect, test } from '@jest/globals';
import { SEND_ANSWERS, sendResult, type SendResult } from '../../../src/chain/evm/node/send-result.ts';

/** As nodes say it. */
const ANSWERS: readonly (readonly [text: string, verdict: SendResult])[] = [
  ['already known', 'known'],
  ['transaction already imported', 'known'],
  ['Known transaction', 'known'],
  // viem's class for it is NonceTooLowError.
  ['Nonce provided for the transaction is lower than the current nonce. Details: already known', 'known'],
  ['nonce too low: next nonce 5, tx nonce 4', 'nonce_used'],
  ['nonce too low', 'nonce_used'],
  ['replacement transaction underpriced', 'outbid'],
  ['nonce too high', 'not_yet'],
  ['in-flight transaction limit reached for delegated accounts', 'not_yet'],
  ['txpool is full', 'not_yet'],
  ['max fee per gas less than block base fee: address 0x7ae6, maxFeePerGas: 1, baseFee: 7', 'fee_too_low'],
  ['transaction underpriced: tip needed 25, tip permitted 1', 'fee_too_low'],
  ['insufficient funds for gas * price + value: have 0 want 42', 'no_gas_money'],
  ['Insufficient funds for gas * price + value', 'no_gas_money'],
  ['invalid chain id for signer: have 1 want 31337', 'wrong_chain'],
  ['intrinsic gas too low: gas 20000, minimum needed 21000', 'malformed'],
  ['exceeds block gas limit', 'malformed'],
  ['Failed to decode transaction', 'malformed'],
  ['Too Many Requests', 'rate_limited'],
  ['fetch failed', 'unknown'],
  ['', 'unknown'],
];

test.each(ANSWERS)('"%s" is %s', (text, verdict) => {
  expect(sendResult(text)).toBe(verdict);
});

test('every row of the table is met by some answer', () => {
  for (const [pattern] of SEND_ANSWERS) {
    expect(ANSWERS.filter(([text]) => pattern.test(text.toLowerCase()))).not.toEqual([]);
  }
});
