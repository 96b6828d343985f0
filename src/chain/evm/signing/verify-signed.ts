/**
 * Compares what a remote signer returned with what was requested, before it is stored: what is stored may be sent, and what is
 * mined for a nonce has to be what its order committed.
 */
import {
  keccak256,
  parseTransaction,
  recoverAddress,
  serializeTransaction,
  type Address,
  type Hex,
} from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { UnsignedTransaction } from './transaction-signer.ts';

/** Half the order of secp256k1: chains reject a signature with a greater `s` (EIP-2). */
const MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

const FIELDS = ['chainId', 'nonce', 'to', 'value', 'data', 'gas'] as const;
const FEES = { eip1559: ['maxFeePerGas', 'maxPriorityFeePerGas'], legacy: ['gasPrice'] } as const;

type FieldName = (typeof FIELDS)[number] | (typeof FEES)[keyof typeof FEES][number];
type Fields = Readonly<Partial<Record<FieldName, Hex | bigint | number | null | undefined>>>;

/** @throws EffectError `wait`, signer_deviates: names the field, the expected and the signed value */
export async function verifySigned(
  bytes: Hex,
  requested: UnsignedTransaction,
  address: Address,
): Promise<void> {
  const { signed, signature } = parsed(bytes, requested);
  const wanted: Fields = requested;
  for (const field of [...FIELDS, ...FEES[requested.type]]) {
    const [expected, found] = [textOf(wanted[field]), textOf(signed[field])];
    if (expected !== found) throw deviates(requested, field, expected, found);
  }
  if (signature === null) throw deviates(requested, 'signature', 'one', 'none');
  // A greater one could be turned into another valid transaction, with a hash that is not stored.
  if (BigInt(signature.s) > MAX_S) throw deviates(requested, 'signature', 'the lower half of s', 'the upper');
  // Other parts of a transaction (an access list), or another encoding of the same.
  if (serializeTransaction(requested, signature) !== bytes) {
    throw deviates(requested, 'encoding', 'only these fields, canonically encoded', 'another one');
  }
  const sender = await recoverAddress({ hash: keccak256(serializeTransaction(requested)), signature });
  if (sender !== address) throw deviates(requested, 'from', address, sender);
}

interface Parsed {
  readonly signed: Fields;
  readonly signature: {
    readonly r: Hex;
    readonly s: Hex;
    readonly v: bigint;
    readonly yParity: number;
  } | null;
}

/** @throws EffectError when the bytes are no transaction of the type that was requested */
function parsed(bytes: Hex, asked: UnsignedTransaction): Parsed {
  const found = typeOf(bytes);
  if (found !== asked.type) throw deviates(asked, 'type', asked.type, `${found} (${bytes.slice(0, 4)}…)`);
  try {
    const signed = parseTransaction(bytes);
    const { r, s, yParity } = signed;
    const isSigned = r !== undefined && s !== undefined && yParity !== undefined;
    return { signed, signature: isSigned ? { r, s, yParity, v: 27n + BigInt(yParity) } : null };
  } catch {
    throw deviates(asked, 'encoding', 'a signed transaction', `${bytes.length / 2 - 1} bytes that are none`);
  }
}

/** EIP-2718: a legacy transaction is a list of RLP, whose first byte is 0xc0 or above; others begin with their type. */
function typeOf(bytes: Hex): string {
  if (bytes.startsWith('0x02')) return 'eip1559';
  return parseInt(bytes.slice(2, 4), 16) >= 0xc0 ? 'legacy' : 'another type';
}

/** A field as it is compared: one that is left out is 0. */
function textOf(value: Hex | bigint | number | null | undefined): string {
  if (value === undefined || value === null || value === '0x') return '0';
  return String(value).toLowerCase();
}

function deviates({ nonce }: UnsignedTransaction, field: string, wanted: string, found: string): EffectError {
  return new EffectError(
    'wait',
    'signer_deviates',
    `The remote signer signed something else for nonce ${nonce}: ${field} is ${shortened(found)}, expected ${shortened(wanted)}`,
  );
}

function shortened(text: string): string {
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}
