/** Who used a nonce that no receipt of ours accounts for: found on the chain, never concluded. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { Slot, SlotOutcome } from '../../store/ledger.ts';
import type { FoundTransaction } from './chain-node.ts';
import { laneOf, type EvmDeps, type LaneDeps, type LaneHolder } from './evm-deps.ts';
import { halted, type TransactionSigner } from './transaction-signer.ts';

/**
 * Looks for the transaction that used the slot's nonce for good. One of ours: its receipt will come. Not ours: somebody
 * else has the key, and the signer is halted until somebody has looked (`resume-signer`).
 * @returns how the slot was closed meanwhile
 * @throws EffectError `wait` in any other case: nothing is decided on absence of evidence, and nothing on a foreign
 * transaction, which another installation may have signed for the same order
 */
export async function askWhoUsed(deps: EvmDeps, signer: TransactionSigner, slot: Slot): Promise<SlotOutcome> {
  const { ledger, log, chainId } = deps;
  const lane = laneOf(chainId, signer.address);
  const known = (await ledger.lanes.read(lane)).halted;
  if (known !== null) throw halted(known);
  const { hash, block } = await foreignUserOf(deps, signer, slot);
  // The halt for it may have been lifted while this looked.
  const outcome = (await ledger.slots.find(lane, slot))?.outcome ?? null;
  if (outcome !== null) return outcome;
  const message = `nonce ${slot.nonce} of ${signer.address} was used by ${hash} in block ${block}, which Fillstream did not sign: somebody else has this key`;
  log.error({ lane, hash, nonce: slot.nonce }, 'signer halted: a foreign transaction used its nonce');
  const halt = { code: 'foreign_transaction', message };
  await ledger.lanes.halt(lane, halt);
  throw halted(halt);
}

/**
 * The transaction that used the slot's nonce, and is none of ours.
 * @throws EffectError `wait` when it cannot be found, or is ours
 */
export async function foreignUserOf(
  deps: LaneDeps,
  signer: LaneHolder,
  slot: Slot,
): Promise<FoundTransaction> {
  const which = `nonce ${slot.nonce} of ${signer.address}`;
  const user = await userOf(deps, signer, slot.nonce);
  if (user === null) {
    throw new EffectError('wait', 'nonce_used', `The chain says that ${which} is used, and not yet by what`);
  }
  const now = await deps.ledger.slots.find(laneOf(deps.chainId, signer.address), slot);
  if (now?.hashes.includes(user.hash) !== true) return user;
  throw new EffectError(
    'wait',
    'receipt_missing',
    `${user.hash} used ${which}; its receipt is not there yet`,
  );
}

/** By bisection over blocks: in which one did the count of used nonces pass this one? Null: the node does not say. */
async function userOf(
  { node }: LaneDeps,
  { address }: LaneHolder,
  nonce: number,
): Promise<FoundTransaction | null> {
  const { number: head } = await node.head();
  if ((await node.nonceOf(address, head)) <= nonce) return null;
  let used = head;
  let step = 1n;
  let unused = used;
  do {
    unused = unused > step ? unused - step : 0n;
    step *= 2n;
  } while (unused > 0n && (await node.nonceOf(address, unused)) > nonce);
  while (used - unused > 1n) {
    const middle = (used + unused) / 2n;
    if ((await node.nonceOf(address, middle)) > nonce) used = middle;
    else unused = middle;
  }
  return node.userOfNonce(address, nonce, used);
}
