/**
 * What a node's answer to a transaction means. Nodes have no codes for it, and viem's error classes are wrong (its
 * NonceTooLowError also matches "already known"): so the texts are matched; each row has a test.
 */

export type SendResult =
  /** The node has it, now or since before. */
  | 'accepted'
  /** Its nonce is used, by it or by another: the receipts decide. */
  | 'nonce_used'
  /** The node has another transaction of its nonce that pays too much to be replaced. */
  | 'replacement_underpriced'
  /** It will not be mined at this fee. */
  | 'fee_too_low'
  /** The signer cannot pay for gas. */
  | 'insufficient_funds'
  /** The mempool is full, for this signer or for all, or lacks the nonces before it. */
  | 'not_pooled'
  /** The node does not take it as it is: its gas or its form is wrong, or the fee is above what the node lets through. */
  | 'refused'
  /** It was signed for another chain. */
  | 'wrong_chain'
  /** The node asks for fewer requests. */
  | 'rate_limited'
  /** Whether the node took it is unknown. */
  | 'unknown';

/** What a node answered to a transaction. */
export interface Sent {
  readonly result: SendResult;
  /** In its own words, in one line; null where it took the transaction. */
  readonly said: string | null;
}

/** In this order: the first that matches counts. Texts of geth, anvil, reth, nethermind, erigon and besu, in lower case. */
export const SEND_ERRORS: readonly (readonly [text: RegExp, verdict: SendResult])[] = [
  [/already known|already imported|already exists|alreadyknown|known transaction/, 'accepted'],
  [/nonce too low|nonce is too low|oldnonce|nonce_too_low/, 'nonce_used'],
  [
    /replacement transaction underpriced|replacement.*underpriced|replacementnotallowed/,
    'replacement_underpriced',
  ],
  [
    /nonce too high|in-flight transaction limit|gapped.nonce|account limit exceeded|txpool is full|pool is full/,
    'not_pooled',
  ],
  [
    /less than block base fee|underpriced|below minimum|gas price too low|feetoolow|fee too low/,
    'fee_too_low',
  ],
  [/insufficient funds|insufficientfunds|upfront cost exceeds/, 'insufficient_funds'],
  [/invalid chain id|invalid sender|wrong chain/, 'wrong_chain'],
  [
    /intrinsic gas too (low|high)|exceeds block gas limit|gas limit too (low|high)|floor data gas|failed to decode|rlp|typed transaction too short|exceeds the configured cap/,
    'refused',
  ],
  [/rate limit|too many requests|limit exceeded/, 'rate_limited'],
];

/** @param text all that the error says, nested errors included */
export function classifySendError(text: string): SendResult {
  const lowerCase = text.toLowerCase();
  return SEND_ERRORS.find(([pattern]) => pattern.test(lowerCase))?.[1] ?? 'unknown';
}
