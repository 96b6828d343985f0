/**
 * What a node's answer to a transaction means. Nodes have no codes for it, and viem's error classes lie (its NonceTooLowError also
 * matches "already known"): so their texts are matched, each row with a test.
 */

export type SendResult =
  /** The node has it, now or since before. */
  | 'known'
  /** Its nonce is used, by it or by another: the receipts tell. */
  | 'nonce_used'
  /** Another transaction of its nonce pays as much, and stays. */
  | 'outbid'
  /** Nobody will mine it at this fee. */
  | 'fee_too_low'
  /** The signer cannot pay for gas. */
  | 'no_gas_money'
  /** The node keeps no more of this signer for now, or lacks the nonces before it. */
  | 'not_yet'
  /** It can never be mined as it is. */
  | 'malformed'
  /** It was signed for another chain. */
  | 'wrong_chain'
  /** The node asks for fewer requests. */
  | 'rate_limited'
  /** Nobody knows whether the node took it. */
  | 'unknown';

/** In this order: the first that matches counts. Texts of geth, anvil, reth, nethermind, erigon and besu, in lower case. */
export const SEND_ANSWERS: readonly (readonly [text: RegExp, verdict: SendResult])[] = [
  [/already known|already imported|already exists|alreadyknown|known transaction/, 'known'],
  [/nonce too low|nonce is too low|oldnonce|nonce_too_low/, 'nonce_used'],
  [/replacement transaction underpriced|replacement.*underpriced|replacementnotallowed/, 'outbid'],
  [
    /nonce too high|in-flight transaction limit|gapped.nonce|account limit exceeded|txpool is full|pool is full/,
    'not_yet',
  ],
  [
    /less than block base fee|underpriced|below minimum|gas price too low|feetoolow|fee too low/,
    'fee_too_low',
  ],
  [/insufficient funds|insufficientfunds|upfront cost exceeds/, 'no_gas_money'],
  [/invalid chain id|invalid sender|wrong chain/, 'wrong_chain'],
  [
    /intrinsic gas too (low|high)|exceeds block gas limit|gas limit too (low|high)|floor data gas|failed to decode|rlp|typed transaction too short/,
    'malformed',
  ],
  [/rate limit|too many requests|limit exceeded/, 'rate_limited'],
];

/** @param text all that the error says, nested errors included */
export function sendResult(text: string): SendResult {
  const said = text.toLowerCase();
  return SEND_ANSWERS.find(([pattern]) => pattern.test(said))?.[1] ?? 'unknown';
}
