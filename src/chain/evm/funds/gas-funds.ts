import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { SignerAccount } from '../../../store/ledger.ts';
import { estimateFees, type Call } from '../sign-and-store.ts';
import type { SignerAddress, SubmitterContext } from '../submitter-context.ts';

/**
 * Checked before a nonce is taken: a nonce whose transaction the signer cannot pay for would keep all later ones waiting. Nodes
 * take no transaction unless the account could pay the highest price of all that it has under way.
 * @throws EffectError `wait`, insufficient_gas_funds
 */
export async function ensureEther(
  context: SubmitterContext,
  { address }: SignerAddress,
  { open }: SignerAccount,
  { gas, value }: Pick<Call, 'gas' | 'value'>,
): Promise<void> {
  const { node } = context;
  const [{ maxFeePerGas }, balance] = await Promise.all([
    estimateFees(context),
    node.etherBalanceOf(address),
  ]);
  const cost = gas * maxFeePerGas + value;
  if (balance >= cost * BigInt(1 + open.length)) return;
  const used = await node.transactionCount(address);
  // Those under way are taken to cost as much: their prices are in their bytes.
  const underWay = open.filter(({ nonce, state }) => nonce >= used && state !== 'closed').length;
  const needed = cost * BigInt(1 + underWay);
  if (balance >= needed) return;
  throw new EffectError(
    'wait',
    'insufficient_gas_funds',
    `The signer ${address} has ${balance} wei: expected at least ${needed}, for ${gas} gas at up to ${maxFeePerGas} wei` +
      (underWay === 0 ? '' : ` beside ${underWay} transactions under way`),
  );
}
