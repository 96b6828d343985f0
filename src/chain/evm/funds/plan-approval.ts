/** Which approval a token takes, seen by simulating it: tokens differ in what they accept. */
import { maxUint256, type Address, type Hex } from 'viem';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import { revertReason } from '../../../abis/revert.ts';
import { approveCall, type Call } from '../sign-and-store.ts';
import type { SubmitterContext } from '../submitter-context.ts';

export interface MissingAllowance {
  readonly owner: Address;
  readonly token: Address;
  readonly spender: Address;
  readonly needed: bigint;
  /** What is left of an earlier one. */
  readonly allowance: bigint;
}

/** An approval that uses more is not worth its price. The dearest of tokens in use need some 100,000. */
const MAX_APPROVAL_GAS = 3_000_000n;

/**
 * The approval to send next: unlimited, or of what is needed where the settings say so or the token takes no more; of 0 where it
 * takes no other while an allowance is left.
 * @throws EffectError `fail`, allowance_refused
 */
export async function planApproval(context: SubmitterContext, missing: MissingAllowance): Promise<Call> {
  const { needed, allowance } = missing;
  const amounts = context.settings.allowance === 'unlimited' ? [maxUint256, needed] : [needed];
  const refusals: string[] = [];
  for (const amount of allowance > 0n ? [...amounts, 0n] : amounts) {
    const planned = await tryApproval(context, missing, amount);
    if (typeof planned !== 'string') return planned;
    refusals.push(planned);
  }
  throw allowanceRefused(
    missing,
    `an approval of ${needed} base units ${refusals.at(amounts.length - 1) ?? ''}`,
  );
}

/** @returns why the token would not take it, as text */
async function tryApproval(
  { node }: SubmitterContext,
  { owner, token, spender }: MissingAllowance,
  amount: bigint,
): Promise<Call | string> {
  const { to, data } = approveCall(token, spender, amount, 0n);
  const call = { from: owner, to, data };
  const simulated = await node.simulate(call);
  if ('reverted' in simulated) return `reverts ${reasonOf(simulated.reverted)}`;
  if (!isConsent(simulated.returned)) return 'returns false';
  const gas = await node.estimateGas(call);
  if (gas === null) return 'reverts when its gas is estimated';
  if (gas > MAX_APPROVAL_GAS) return `uses ${gas} gas: expected at most ${MAX_APPROVAL_GAS}`;
  return approveCall(token, spender, amount, (gas * 12n) / 10n);
}

/** Tokens of before EIP-20 return nothing. */
function isConsent(returned: Hex): boolean {
  return returned === '0x' || BigInt(returned) !== 0n;
}

export function reasonOf(revertData: Hex): string {
  const reason = revertReason(revertData);
  return reason === '' ? 'without a reason' : `with ${reason}`;
}

export function allowanceRefused({ token, spender }: MissingAllowance, why: string): EffectError {
  return new EffectError(
    'fail',
    'allowance_refused',
    `The token ${token} grants the router ${spender} no allowance: ${why}`,
  );
}
