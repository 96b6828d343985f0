/**
 * What a swap needs of its signer before a nonce is taken for it: the tokens, beside what orders in flight will spend, and the
 * venue's allowance to take them. A missing allowance is granted by a transaction of its own, through the ledger like
 * any other.
 */
import { maxUint256, type Address } from 'viem';
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { UnsignedSwap } from '../../../machines/order/types.ts';
import type { SignerAccount, ReservationOwner } from '../../store/ledger.ts';
import { accountIdOf, type EvmDeps } from './deps.ts';
import { approveCall, asHex, presentFees, signAndKeep } from './sign-and-store.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

/** Who owns the reservation of an allowance: no order's id looks like it. */
const APPROVAL = 'approve:';

export function isApproval({ orderId }: ReservationOwner): boolean {
  return orderId.startsWith(APPROVAL);
}

/** @throws EffectError while the tokens or the allowance are missing */
export async function allow(
  deps: EvmDeps,
  signer: TransactionSigner,
  owner: ReservationOwner,
  { spends }: UnsignedSwap,
): Promise<void> {
  if (spends === null) return;
  const { node, ledger } = deps;
  const token = asHex(spends.token);
  const amount = BigInt(spends.amount);
  const account = await ledger.accounts.read(accountIdOf(deps.chainId, signer.address));
  const reserved = reservedIn(account, owner, token);
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
  await grant(deps, signer, account, { token, spender, needed });
}

/** What the open reservations of others will take of this token. */
function reservedIn(account: SignerAccount, owner: ReservationOwner, token: Address): bigint {
  return account.open.reduce((sum, { state, spends, orderId }) => {
    const counts = state !== 'closed' && state !== 'void' && orderId !== owner.orderId;
    if (!counts || spends?.token.toLowerCase() !== token.toLowerCase()) return sum;
    return sum + BigInt(spends.amount);
  }, 0n);
}

interface Grant {
  readonly token: Address;
  readonly spender: Address;
  readonly needed: bigint;
}

/** @throws EffectError `wait`: the allowance takes effect when it is mined */
async function grant(
  deps: EvmDeps,
  signer: TransactionSigner,
  account: SignerAccount,
  { token, spender, needed }: Grant,
): Promise<never> {
  const { ledger, node, settings } = deps;
  const orderId = `${APPROVAL}${token}:${spender}`.toLowerCase();
  const pending = new EffectError(
    'wait',
    'allowance_pending',
    `${spender} is being allowed to take ${token} from the signer`,
  );
  const last = account.open.findLast((reservation) => reservation.orderId === orderId);
  // One that is mined has shown what it allows, and was not enough.
  if (last !== undefined && (await node.nonceOf(signer.address)) <= last.nonce) throw pending;
  // One a block: processes that grant at once mean the same one.
  const { number } = await node.head();
  const owner = { orderId, epoch: Number(number) };
  const taken = await ledger.reservations.take(account.accountId, owner, {
    window: settings.window,
    spends: null,
  });
  if (taken.outcome !== 'taken' || taken.reservation.state !== 'reserved') throw pending;
  const amount = settings.allowance === 'unlimited' ? maxUint256 : needed;
  const attempt = await signAndKeep(deps, {
    signer,
    reservation: taken.reservation,
    kind: 'approve',
    call: approveCall(token, spender, amount),
    fees: await presentFees(deps),
    allowed: ['reserved'],
  });
  // The resender does the rest where this process dies here.
  if (attempt !== null && (await ledger.reservations.move(account.accountId, owner, 'reserved', 'armed'))) {
    await node.send(asHex(attempt.bytes));
  }
  throw pending;
}
