/** Faults that the schema of a submission cannot see: checksums, recipients that lose what they receive, and tokens. */
import { isNativeCoin } from '../../../machines/native-coin.ts';
import { FillstreamError, type FieldError } from '../../errors.ts';
import { CHECKSUM_EXPECTED, hasValidChecksum } from '../../settings/address-checksum.ts';
import type { Submission } from '../../protocol/requests.ts';
import type { TokenNames } from '../../settings/token-names.ts';

const MAX_SYMBOLS = 20;

/**
 * 0 is the burn address, which Uniswap's V3 router moreover reads as itself; the ones above it are precompiled contracts, of
 * which chains have added some up to 0x0100 (RIP-7212).
 */
const LAST_RESERVED_ADDRESS = 0xffffn;

const NONE: ReadonlySet<string> = new Set();

/**
 * @param contracts addresses in lower case that orders must not pay
 * @throws FillstreamError invalid_request, unknown_token
 */
export function checkSubmission(
  submission: Submission,
  { nameOf, assetOf, symbols }: TokenNames,
  contracts = NONE,
): void {
  const wrong = (['sellToken', 'buyToken', 'recipient'] as const).filter((field) => {
    const text = submission[field];
    return text !== undefined && !hasValidChecksum(text);
  });
  refuse('invalid_request', wrong, CHECKSUM_EXPECTED);

  const { recipient } = submission;
  if (recipient !== undefined && isReserved(recipient)) {
    refuse(
      'invalid_request',
      ['recipient'],
      'expected the address of an account: what this one receives can never be spent',
    );
  }

  if (recipient !== undefined && contracts.has(recipient.toLowerCase())) {
    refuse(
      'invalid_request',
      ['recipient'],
      'expected the address of an account: this one is a contract of the market, which cannot spend what it receives',
    );
  }

  const unknown = (['sellToken', 'buyToken'] as const).filter((field) => nameOf(submission[field]) === null);
  refuse('unknown_token', unknown, `expected ${namesOf(symbols)}, or the address of one`);

  if (assetOf(submission.sellToken) === assetOf(submission.buyToken)) {
    refuse(
      'invalid_request',
      ['buyToken'],
      'expected another token than sellToken (wrapping a coin is no swap)',
    );
  }

  function refuse(
    code: 'invalid_request' | 'unknown_token',
    fields: readonly (keyof Submission)[],
    message: string,
  ): void {
    const [first] = fields;
    if (first === undefined) return;
    const errors = fields.map((field): FieldError => ({ field: `/${field}`, message }));
    const sent = fields.map((field) => `${field} ${submission[field] ?? ''}`).join(' and ');
    throw new FillstreamError(code, `${sent}: ${message}`, { errors });
  }
}

function isReserved(address: string): boolean {
  return BigInt(address) <= LAST_RESERVED_ADDRESS || isNativeCoin(address);
}

function namesOf(symbols: readonly string[]): string {
  const named = symbols.slice(0, MAX_SYMBOLS).join(', ');
  const more = symbols.length - MAX_SYMBOLS;
  return more > 0 ? `one of ${named} and ${more} more` : `one of ${named}`;
}
