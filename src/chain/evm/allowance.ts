/**
 * What a swap needs before a nonce is reserved for it: the signer's tokens, beside what orders in flight will spend, and the
 * router's allowance to take them. A missing allowance is granted by an approval, a transaction through the ledger like any
 * other.
 */
import { maxUint256, type Address } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { UnsignedSwap } from '../../../machines/order/types.ts';
import type { SignerAccount, ReservationOwner } from '../../store/ledger.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { approveCall, asHex, estimateFees, signAndStore } from './sign-and-store.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

/** Begins the `orderId` of an approval's reservation; no order has such an id. */
const APPROVAL_PREFIX = 'approve:';

export function isApproval({ orderId }: ReservationOwner): boolean {
  return orderId.startsWith(APPROVAL_PREFIX);
}

/** @throws EffectError while the tokens or the allowance are missing */
export async function ensureFundsAndAllowance(
  context: SubmitterContext,
  signer: TransactionSigner,
  owner: ReservationOwner,
  { spends }: UnsignedSwap,
): Promise<void> {
  if (spends === null) return;
  const { node, ledger } = context;
  const token = asHex(spends.token);
  const amount = BigInt(spends.amount);
  const account = await ledger.accounts.read(accountIdOf(context.chainId, signer.address));
  const reserved = reservedAmount(account, owner, token);
  const balance = await node.balanceOf(token, signer.address);
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
  const needed = amount + reserved;
  if ((await node.allowance(token, signer.address, spender)) >= needed) return;
  await sendApproval(context, signer, account, { token, spender, needed });
}

/** How much of this token the open reservations of other orders will spend. */
function reservedAmount(account: SignerAccount, owner: ReservationOwner, token: Address): bigint {
  return account.open.reduce((sum, { state, spends, orderId }) => {
    const counts = state !== 'closed' && state !== 'void' && orderId !== owner.orderId;
    if (!counts || spends?.token.toLowerCase() !== token.toLowerCase()) return sum;
    return sum + BigInt(spends.amount);
  }, 0n);
}

interface MissingAllowance {
  readonly token: Address;
  readonly spender: Address;
  readonly needed: bigint;
}

/** @throws EffectError `wait`: the allowance takes effect when it is mined */
async function sendApproval(
  context: SubmitterContext,
  signer: TransactionSigner,
  account: SignerAccount,
  { token, spender, needed }: MissingAllowance,
): Promise<never> {
  const { ledger, node, settings } = context;
  const orderId = `${APPROVAL_PREFIX}${token}:${spender}`.toLowerCase();
  const pending = new EffectError(
    'wait',
    'allowance_pending',
    `The signer's approval of ${token} for ${spender} is not mined yet`,
  );
  const last = account.open.findLast((reservation) => reservation.orderId === orderId);
  // An approval that is mined already was not enough.
  if (last !== undefined && (await node.transactionCount(signer.address)) <= last.nonce) throw pending;
  // At most one each block: processes that grant at the same time take the same reservation.
  const { number } = await node.head();
  const owner = { orderId, epoch: Number(number) };
  const taken = await ledger.reservations.take(account.accountId, owner, {
    window: settings.window,
    spends: null,
  });
  if (taken.outcome !== 'taken' || taken.reservation.state !== 'reserved') throw pending;
  const amount = settings.allowance === 'unlimited' ? maxUint256 : needed;
  const attempt = await signAndStore(context, {
    signer,
    reservation: taken.reservation,
    kind: 'approve',
    call: approveCall(token, spender, amount),
    fees: await estimateFees(context),
    allowed: ['reserved'],
  });
  // If this process dies here, the resender sends it.
  if (attempt !== null && (await ledger.reservations.move(account.accountId, owner, 'reserved', 'armed'))) {
    await node.send(asHex(attempt.bytes));
  }
  throw pending;
}
