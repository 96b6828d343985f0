/**
 * Compares what a remote signer returned with what was requested, before it is stored: what is stored may be sent, and what is
 * mined for a nonce has to be what its order committed.
 */
import {
  parseTransaction,
  recoverTransactionAddress,
  serializeTransaction,
  type Address,
  type Hex,
  type TransactionSerializableEIP1559,
} from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';

/** Half the order of secp256k1: chains reject a signature with a greater `s` (EIP-2). */
const MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

const FIELDS = [
  'chainId',
  'nonce',
  'to',
  'value',
  'data',
  'gas',
  'maxFeePerGas',
  'maxPriorityFeePerGas',
] as const;

/** @throws EffectError `wait`, signer_deviates: names the field, the expected and the signed value */
export async function verifySigned(
  bytes: Hex,
  requested: TransactionSerializableEIP1559,
  address: Address,
): Promise<void> {
  const signed = parsed(bytes, requested);
  for (const field of FIELDS) {
    const [expected, found] = [textOf(requested[field]), textOf(signed[field])];
    if (expected !== found) throw deviates(requested, field, expected, found);
  }
  const { r, s, yParity } = signed;
  if (r === undefined || s === undefined || yParity === undefined) {
    throw deviates(requested, 'signature', 'one', 'none');
  }
  // A greater one could be turned into another valid transaction, with a hash that is not stored.
  if (BigInt(s) > MAX_S) throw deviates(requested, 'signature', 'the lower half of s', 'the upper');
  // Other parts of a transaction (an access list), or another encoding of the same.
  if (serializeTransaction(requested, { r, s, yParity }) !== bytes) {
    throw deviates(requested, 'encoding', 'only these fields, canonically encoded', 'another one');
  }
  const sender = await recoverTransactionAddress({ serializedTransaction: serialized(bytes) });
  if (sender !== address) throw deviates(requested, 'from', address, sender);
}

function parsed(bytes: Hex, asked: TransactionSerializableEIP1559) {
  if (!isEip1559(bytes)) throw deviates(asked, 'type', 'eip1559 (0x02…)', `${bytes.slice(0, 4)}…`);
  try {
    return parseTransaction(bytes);
  } catch {
    throw deviates(asked, 'encoding', 'a signed transaction', `${bytes.length / 2 - 1} bytes that are none`);
  }
}

function isEip1559(bytes: Hex): bytes is `0x02${string}` {
  return bytes.startsWith('0x02');
}

function serialized(bytes: Hex): `0x02${string}` {
  return `0x02${bytes.slice(4)}`;
}

/** A field as it is compared: one that is left out is 0. */
function textOf(value: Hex | bigint | number | null | undefined): string {
  if (value === undefined || value === null || value === '0x') return '0';
  return String(value).toLowerCase();
}

function deviates(
  { nonce }: TransactionSerializableEIP1559,
  field: string,
  wanted: string,
  found: string,
): EffectError {
  return new EffectError(
    'wait',
    'signer_deviates',
    `The remote signer signed something else for nonce ${nonce ?? '?'}: ${field} is ${shortened(found)}, expected ${shortened(wanted)}`,
  );
}

function shortened(text: string): string {
  return text.length > 90 ? `${text.slice(0, 90)}…` : text;
}
