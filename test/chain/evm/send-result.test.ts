import { expect, test } from '@jest/globals';
import { SEND_ERRORS, classifySendError, type SendResult } from '../../../src/chain/evm/node/send-result.ts';

/** As nodes say it. */
const ANSWERS: readonly (readonly [text: string, verdict: SendResult])[] = [
  ['already known', 'accepted'],
  ['transaction already imported', 'accepted'],
  ['Known transaction', 'accepted'],
  // viem's class for it is NonceTooLowError.
  ['Nonce provided for the transaction is lower than the current nonce. Details: already known', 'accepted'],
  ['nonce too low: next nonce 5, tx nonce 4', 'nonce_used'],
  ['nonce too low', 'nonce_used'],
  ['replacement transaction underpriced', 'replacement_underpriced'],
  ['nonce too high', 'not_pooled'],
  ['in-flight transaction limit reached for delegated accounts', 'not_pooled'],
  ['txpool is full', 'not_pooled'],
  ['max fee per gas less than block base fee: address 0x7ae6, maxFeePerGas: 1, baseFee: 7', 'fee_too_low'],
  ['transaction underpriced: tip needed 25, tip permitted 1', 'fee_too_low'],
  ['insufficient funds for gas * price + value: have 0 want 42', 'insufficient_funds'],
  ['Insufficient funds for gas * price + value', 'insufficient_funds'],
  ['invalid chain id for signer: have 1 want 31337', 'wrong_chain'],
  ['intrinsic gas too low: gas 20000, minimum needed 21000', 'refused'],
  ['exceeds block gas limit', 'refused'],
  ['Failed to decode transaction', 'refused'],
  ['tx fee (1.05 ether) exceeds the configured cap (1.00 ether)', 'refused'],
  ['Too Many Requests', 'rate_limited'],
  ['fetch failed', 'unknown'],
  ['', 'unknown'],
];

test.each(ANSWERS)('"%s" is %s', (text, verdict) => {
  expect(classifySendError(text)).toBe(verdict);
});

test('every row of the table is met by some answer', () => {
  for (const [pattern] of SEND_ERRORS) {
    expect(ANSWERS.filter(([text]) => pattern.test(text.toLowerCase()))).not.toEqual([]);
  }
});
