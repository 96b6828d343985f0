/**
 * What a swap needs before a nonce is reserved for it: the signer's tokens, beside what orders in flight will spend, and the
 * router's allowance to take them. A missing allowance is granted by an approval, a transaction through the ledger like any
 * other.
 */
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { UnsignedSwap } from '../../../../machines/order/types.ts';
import type { SignerAccount, NonceReservation, ReservationOwner } from '../../../store/ledger.ts';
import { allowancePending, approvalIdOf, grantAllowance } from './approval.ts';
import type { Holdings } from '../node/account-reader.ts';
import { accountIdOf, type SignerAddress, type SubmitterContext } from '../submitter-context.ts';
import { asHex } from '../sign-and-store.ts';
import type { TransactionSigner } from '../signing/transaction-signer.ts';

/** What the checks before a reservation go by. */
export interface Funds extends Holdings {
  /** As it was before the holdings were read: so what is reserved is not left out of both. */
  readonly account: SignerAccount;
}

/** What the signer has for the swap: one request, for all that is checked before its nonce is reserved. */
export async function readFunds(
  { ledger, node, chainId }: SubmitterContext,
  { address }: SignerAddress,
  { spends }: UnsignedSwap,
): Promise<Funds> {
  const account = await ledger.accounts.read(accountIdOf(chainId, address));
  const spent = spends === null ? null : { token: asHex(spends.token), spender: asHex(spends.spender) };
  return { account, ...(await node.holdings(address, spent)) };
}

/**
 * @returns whether the allowance is so large that no other order can use it up
 * @throws EffectError while the tokens or the allowance are missing, or an approval changes it; `fail` where they never will be there
 */
export async function ensureFundsAndAllowance(
  context: SubmitterContext,
  signer: TransactionSigner,
  owner: ReservationOwner,
  { spends }: UnsignedSwap,
  funds: Funds,
): Promise<{ readonly isAmple: boolean }> {
  if (spends === null) return { isAmple: true };
  const { node } = context;
  const { account, tokens: balance, allowance } = funds;
  const token = asHex(spends.token);
  const amount = BigInt(spends.amount);
  const reserved = reservedAmount(account, owner, token);
  if (balance < amount) {
    throw new EffectError(
      'fail',
      'insufficient_funds',
      `The signer has ${balance} base units of ${token}: the order sells ${amount}`,
    );
  }
  if (balance < amount + reserved) {
    throw new EffectError(
      'wait',
      'funds_reserved',
      `The signer has ${balance} base units of ${token}, of which orders in flight spend ${reserved}: the order sells ${amount}`,
    );
  }
  const spender = asHex(spends.spender);
  if (allowance >= amount * MUCH && allowance >= amount + reserved) return { isAmple: true };
  const used = await node.transactionCount(signer.address);
  const needed = amount + reservedAmount(account, owner, token, used);
  const approvalId = approvalIdOf({ token, spender });
  const isChanging = account.open.some(({ orderId, nonce }) => orderId === approvalId && nonce >= used);
  const wanted = { owner: signer.address, token, spender, needed, allowance };
  if (allowance < needed) await grantAllowance(context, signer, funds, wanted, owner.orderId);
  if (isChanging) throw allowancePending(wanted);
  return { isAmple: false };
}

/**
 * Whether the allowance still covers the order once it has its nonce: others may have taken a nonce before it meanwhile, for a swap
 * that uses the allowance or an approval that changes it.
 */
export async function isStillAllowed(
  { node, ledger, chainId }: SubmitterContext,
  signer: TransactionSigner,
  { nonce, ...owner }: Pick<NonceReservation, 'orderId' | 'epoch' | 'nonce'>,
  { spends }: UnsignedSwap,
): Promise<boolean> {
  if (spends === null) return true;
  const token = asHex(spends.token);
  const spender = asHex(spends.spender);
  const amount = BigInt(spends.amount);
  const allowance = await node.allowance(token, signer.address, spender);
  const account = await ledger.accounts.read(accountIdOf(chainId, signer.address));
  const used = await node.transactionCount(signer.address);
  const before = account.open.filter((each) => each.nonce < nonce && each.nonce >= used);
  if (before.some(({ orderId }) => orderId === approvalIdOf({ token, spender }))) return false;
  return allowance >= amount + reservedAmount({ ...account, open: before }, owner, token);
}

/** An allowance that is this many times what an order sells is not used up by those beside it. */
const MUCH = 1_000n;

/** How much of this token (or coin) the open reservations of other orders will spend. @param from nonces below it are used */
export function reservedAmount(
  account: SignerAccount,
  owner: Pick<ReservationOwner, 'orderId'>,
  token: string,
  from = 0,
): bigint {
  return account.open.reduce((sum, { state, spends, orderId, nonce }) => {
    const counts = state !== 'closed' && state !== 'void' && orderId !== owner.orderId;
    if (!counts || nonce < from || spends?.token.toLowerCase() !== token.toLowerCase()) return sum;
    return sum + BigInt(spends.amount);
  }, 0n);
}
