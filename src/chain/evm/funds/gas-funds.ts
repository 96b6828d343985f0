import { EffectError } from '../../../../machines/order/effect-error.ts';
import { NATIVE_COIN } from '../../../../machines/native-coin.ts';
import type { ReservationOwner } from '../../../store/ledger.ts';
import { reservedAmount, type Funds } from './allowance.ts';
import { estimateFees, type Call } from '../sign-and-store.ts';
import type { SignerAddress, SubmitterContext } from '../submitter-context.ts';

/**
 * Checked before a nonce is taken: a nonce whose transaction the signer cannot pay for would keep all later ones waiting. Nodes
 * take no transaction unless the account could pay the highest price of all that it has under way, with the coin that they send.
 * @throws EffectError `wait`: insufficient_gas_funds, or funds_reserved where only other orders are in the way; `fail`,
 *   insufficient_funds where the call sends more of the coin than there is
 */
export async function ensureEther(
  context: SubmitterContext,
  { address }: SignerAddress,
  { account, ether: balance }: Pick<Funds, 'account' | 'ether'>,
  owner: Pick<ReservationOwner, 'orderId'>,
  call: Call,
): Promise<void> {
  const { node } = context;
  const [{ maxFeePerGas }, dataFee] = await Promise.all([estimateFees(context), node.dataFee(call)]);
  const { gas, value } = call;
  const gasCost = gas * maxFeePerGas + dataFee;
  const most = account.open.length;
  if (balance >= gasCost * BigInt(1 + most) + value + reservedAmount(account, owner, NATIVE_COIN)) return;
  if (balance < value) {
    throw new EffectError(
      'fail',
      'insufficient_funds',
      `The signer ${address} has ${balance} wei: the order sells ${value}`,
    );
  }
  const used = await node.transactionCount(address);
  // Those under way are taken to cost as much gas: their prices are in their bytes.
  const underWay = account.open.filter(({ nonce, state }) => nonce >= used && state !== 'closed').length;
  const reserved = reservedAmount(account, owner, NATIVE_COIN, used);
  const needed = gasCost * BigInt(1 + underWay) + value + reserved;
  if (balance >= needed) return;
  const sells = value + reserved === 0n ? '' : ` and ${value + reserved} wei that orders sell`;
  const forData = dataFee === 0n ? '' : ` and ${dataFee} wei for its data`;
  throw new EffectError(
    'wait',
    balance < gasCost + value ? 'insufficient_gas_funds' : waitCode(reserved),
    `The signer ${address} has ${balance} wei: expected at least ${needed}, for ${gas} gas at up to ${maxFeePerGas} wei${forData}${sells}` +
      (underWay === 0 ? '' : ` beside ${underWay} transactions under way`),
  );
}

function waitCode(reserved: bigint): string {
  return reserved > 0n ? 'funds_reserved' : 'insufficient_gas_funds';
}
