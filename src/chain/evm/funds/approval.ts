/** An approval lets a router take a token of the signer. It is a transaction through the ledger, shared by all orders that need it. */
import { decodeFunctionData } from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import { ERC20 } from '../../../abis/erc20.ts';
import type {
  AttemptKind,
  NonceReservation,
  ReservationOwner,
  SignerAccount,
} from '../../../store/ledger.ts';
import type { Funds } from './allowance.ts';
import { ensureEther } from './gas-funds.ts';
import { readNonceStatus } from '../nonces/nonce-status.ts';
import { allowanceRefused, planApproval, reasonOf, type MissingAllowance } from './plan-approval.ts';
import { asHex, decodeCall, estimateFees, signAndStore } from '../sign-and-store.ts';
import { accountIdOf, type SubmitterContext } from '../submitter-context.ts';
import type { TransactionSigner } from '../signing/transaction-signer.ts';

/** Begins the `orderId` of an approval's reservation; no order has such an id. */
const APPROVAL_PREFIX = 'approve:';

export function isApproval({ orderId }: Pick<ReservationOwner, 'orderId'>): boolean {
  return orderId.startsWith(APPROVAL_PREFIX);
}

export function approvalIdOf({ token, spender }: Pick<MissingAllowance, 'token' | 'spender'>): string {
  return `${APPROVAL_PREFIX}${token}:${spender}`.toLowerCase();
}

/**
 * @param orderId of the order that needs it
 * @throws EffectError `wait`, allowance_pending: the allowance takes effect when the approval is mined; `fail`, allowance_refused
 *   when the token would not grant it, or did not grant it to the last approval
 */
export async function grantAllowance(
  context: SubmitterContext,
  signer: TransactionSigner,
  funds: Pick<Funds, 'account' | 'ether'>,
  missing: MissingAllowance,
  orderId: string,
): Promise<never> {
  const { account } = funds;
  const { ledger, node, settings, approvals } = context;
  const approvalId = approvalIdOf(missing);
  const last = await lastApproval(context, account, approvalId, orderId);
  if (last !== null && (await outcomeOf(context, signer, last, missing)) === 'pending') throw pending(last);
  const call = await planApproval(context, missing);
  await ensureEther(context, signer, funds, { orderId }, call);
  // At most one each block: processes that grant at the same time take the same reservation.
  const { number } = await node.head();
  const owner = { orderId: approvalId, epoch: Number(number) };
  const taken = await ledger.reservations.take(account.accountId, owner, {
    window: settings.window,
    spends: null,
  });
  if (taken.outcome !== 'taken' || taken.reservation.state !== 'reserved') throw pending(owner);
  const attempt = await signAndStore(context, {
    signer,
    reservation: taken.reservation,
    kind: 'approve',
    call,
    fees: await estimateFees(context),
    allowed: ['reserved'],
  });
  // If this process dies here, the resender sends it.
  if (attempt !== null && (await ledger.reservations.move(account.accountId, owner, 'reserved', 'armed'))) {
    await node.send(asHex(attempt.bytes));
  }
  throw pending(owner);

  function pending(approval: ReservationOwner): EffectError {
    approvals?.add(account.accountId, approval, orderId);
    return allowancePending(missing);
  }
}

export function allowancePending({ token, spender }: MissingAllowance): EffectError {
  return new EffectError(
    'wait',
    'allowance_pending',
    `The signer's approval of ${token} for ${spender} is not mined yet`,
  );
}

/** The last one that is not final yet, or the one that this order waited for. */
async function lastApproval(
  { ledger, approvals }: SubmitterContext,
  { accountId, open }: SignerAccount,
  approvalId: string,
  orderId: string,
): Promise<NonceReservation | null> {
  const last = open.findLast((reservation) => reservation.orderId === approvalId);
  if (last !== undefined) return last;
  const waited = approvals?.of(accountId, approvalId, orderId) ?? null;
  return waited === null ? null : ledger.reservations.find(accountId, waited);
}

interface Mined {
  readonly kind: AttemptKind | 'foreign';
  readonly status: 'success' | 'reverted';
  readonly hash: string;
  readonly block: number;
  readonly isFinal: boolean;
}

/**
 * Whether to wait for the last approval, or to send another one (`over`).
 * @throws EffectError `fail`, allowance_refused
 */
async function outcomeOf(
  context: SubmitterContext,
  signer: TransactionSigner,
  last: NonceReservation,
  missing: MissingAllowance,
): Promise<'pending' | 'over'> {
  const status = await readNonceStatus(context, signer, last);
  switch (status.at) {
    case 'unused':
    case 'used':
      return 'pending';
    case 'closed':
      return judge(context, last, { ...status.outcome, isFinal: true }, missing);
    case 'mined': {
      const { attempt, receipt, isFinal } = status;
      const mined = { status: receipt.status, block: Number(receipt.blockNumber), isFinal };
      return judge(context, last, { kind: attempt.kind, hash: attempt.hash, ...mined }, missing);
    }
  }
}

async function judge(
  context: SubmitterContext,
  last: NonceReservation,
  { kind, status, hash, block, isFinal }: Mined,
  missing: MissingAllowance,
): Promise<'pending' | 'over'> {
  if (kind !== 'approve') return 'over';
  const which = `the approval ${hash} in block ${block}`;
  if (status === 'reverted') {
    const reason = reasonOf(await context.node.revertData(asHex(hash)));
    throw allowanceRefused(missing, `${which} reverted ${reason}`);
  }
  if (!(await wasIgnored(context, last, { hash, block }, missing))) return 'over';
  if (!isFinal) return 'pending';
  throw allowanceRefused(missing, `${which} succeeded and changed nothing`);
}

/** Whether the allowance, right after the approval, was not what it granted. False where a later transaction may have used it. */
async function wasIgnored(
  { node, ledger, chainId }: SubmitterContext,
  last: NonceReservation,
  { hash, block }: Pick<Mined, 'hash' | 'block'>,
  { owner, token, spender, needed }: MissingAllowance,
): Promise<boolean> {
  const attempts = await ledger.attempts.of(accountIdOf(chainId, owner), last);
  const attempt = attempts.find((each) => each.hash === hash);
  if (attempt === undefined) return false;
  const { args } = decodeFunctionData({ abi: ERC20, data: decodeCall(attempt).data });
  const granted = args[1];
  if (typeof granted !== 'bigint' || (granted > 0n && granted < needed)) return false;
  const [used, allowed] = await Promise.all([
    node.transactionCount(owner, BigInt(block)),
    node.allowance(token, owner, spender, BigInt(block)),
  ]);
  if (used !== last.nonce + 1) return false;
  return granted === 0n ? allowed > 0n : allowed < needed;
}
