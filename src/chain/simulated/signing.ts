/** Signing without a key: what is signed has a hash that is known before it is sent, and bytes that must stay secret. */
import { hash } from 'node:crypto';
import type { OrderTerms, UnsignedSwap } from '../../../machines/order/types.ts';
import type { SignedCall, NonceReservation } from './ledger.ts';

export interface Signed {
  readonly call: SignedCall & { readonly hash: string; readonly fee: number };
  readonly bytes: string;
}

/** The fee rank of a swap's first transaction; each replacement is one above what it replaces. */
export const FIRST_FEE = 1;

export function signSwap(
  seed: string,
  reservation: NonceReservation,
  terms: OrderTerms,
  swap: UnsignedSwap,
): Signed {
  const { minBuyAmount, deadline } = swap;
  const quotedBuyAmount = quotedIn(swap) ?? minBuyAmount;
  const call = {
    kind: 'swap' as const,
    sellAmount: terms.sellAmount,
    minBuyAmount,
    quotedBuyAmount,
    deadline,
  };
  return sign(seed, reservation, call, FIRST_FEE, [swap.to, swap.data, swap.value, swap.gasLimit]);
}

/** The same call with a higher fee. */
export function signReplacement(
  seed: string,
  reservation: NonceReservation,
  call: SignedCall,
  fee: number,
): Signed {
  const { kind, sellAmount, minBuyAmount, quotedBuyAmount, deadline } = call;
  return sign(seed, reservation, { kind, sellAmount, minBuyAmount, quotedBuyAmount, deadline }, fee, []);
}

/** A transfer of nothing from the signer to itself, which uses the nonce up. */
export function signCancel(seed: string, reservation: NonceReservation, fee: number): Signed {
  const call = {
    kind: 'cancel' as const,
    sellAmount: '0',
    minBuyAmount: '0',
    quotedBuyAmount: '0',
    deadline: 0,
  };
  return sign(seed, reservation, call, fee, [reservation.signer, '0x', '0']);
}

function sign(
  seed: string,
  { signer, nonce }: NonceReservation,
  call: SignedCall,
  fee: number,
  sent: readonly string[],
): Signed {
  const { kind, sellAmount, minBuyAmount, quotedBuyAmount, deadline } = call;
  const signed = [signer, nonce, fee, kind, sellAmount, minBuyAmount, quotedBuyAmount, deadline, ...sent];
  const body = signed.join('|');
  const bytes = `${body}|${hash('sha256', `key of ${signer} ${seed} ${body}`, 'hex')}`;
  return { call: { ...call, fee, hash: `0x${hash('sha256', bytes, 'hex')}` }, bytes };
}

const SIMULATED_SWAP = /^0x5357a901(?:[0-9a-f]{64}){2}([0-9a-f]{64})$/;

/** The quoted amount, where the call is a simulated venue's (src/venues/simulated-call.ts has the layout). */
function quotedIn({ data }: UnsignedSwap): string | null {
  const word = SIMULATED_SWAP.exec(data)?.[1];
  return word === undefined ? null : BigInt(`0x${word}`).toString(10);
}
