/**
 * Which signer an order gets: one that can pay for it now. Two processes may choose the same funds at the same time; what keeps them
 * from spending them twice is the check before a nonce is reserved.
 */
import { hash } from 'node:crypto';
import type { Address } from 'viem';
import { isNativeCoin, NATIVE_COIN } from '../../../../machines/native-coin.ts';
import { EffectError } from '../../../../machines/order/effect-error.ts';
import type { OrderTerms } from '../../../../machines/order/types.ts';
import type { SignerAccount } from '../../../store/ledger.ts';
import { reservedAmount } from './allowance.ts';
import type { Balances } from '../node/account-reader.ts';
import { asHex, estimateFees } from '../sign-and-store.ts';
import { accountIdOf, type SignerAddress, type SubmitterContext } from '../submitter-context.ts';
import { signerHalted } from '../signing/transaction-signer.ts';

/** What a swap uses, roughly, with room for a dear one: its call is not known yet. */
export const SWAP_GAS = 300_000n;

interface Candidate {
  readonly address: Address;
  readonly account: SignerAccount;
}

interface Funded extends Candidate, Balances {
  /** Of the tokens, what orders in flight will spend. */
  readonly reserved: bigint;
  /** Of the ether that the order does not sell, what is left for gas. */
  readonly forGas: bigint;
}

/**
 * The first, in an order that follows from the order's id, that is not halted and has the tokens and ether for gas.
 * @param signers sorted, so that all processes agree
 * @throws EffectError `fail`, insufficient_funds: none has as much as the order sells; `wait`: funds_reserved,
 *   insufficient_gas_funds, signer_halted
 */
export async function chooseSigner(
  context: SubmitterContext,
  signers: readonly SignerAddress[],
  terms: OrderTerms,
): Promise<Address> {
  const { ledger, chainId, addressOf } = context;
  const first = parseInt(hash('sha256', terms.orderId, 'hex').slice(0, 8), 16) % signers.length;
  const candidates = await Promise.all(
    [...signers.slice(first), ...signers.slice(0, first)].map(async ({ address }) => ({
      address,
      account: await ledger.accounts.read(accountIdOf(chainId, address)),
    })),
  );
  const working = candidates.filter(({ account }) => account.halted === null);
  const [only, ...others] = working;
  if (only === undefined) throw haltedOf(candidates);
  // A nonce that it has already need not be given up.
  const known = working.find(({ account }) => account.open.some((each) => isReservedFor(each, terms)));
  if (known !== undefined) return known.address;
  const token = addressOf?.(terms.sellToken) ?? null;
  if (token === null || (others.length === 0 && candidates.length === 1)) return only.address;
  return chooseFunded(context, candidates, terms, asHex(token));
}

function isReservedFor(
  { orderId, state }: SignerAccount['open'][number],
  terms: Pick<OrderTerms, 'orderId'>,
): boolean {
  return orderId === terms.orderId && state === 'reserved';
}

async function chooseFunded(
  context: SubmitterContext,
  candidates: readonly Candidate[],
  terms: OrderTerms,
  token: Address,
): Promise<Address> {
  const amount = BigInt(terms.sellAmount);
  const sorted = candidates.map(({ address }) => address).sort();
  const [balances, { maxFeePerGas }] = await Promise.all([
    context.node.balances(token, sorted),
    estimateFees(context),
  ]);
  const all = candidates.map((candidate): Funded => {
    const { tokens, ether } = balances[sorted.indexOf(candidate.address)] ?? { tokens: 0n, ether: 0n };
    const { account } = candidate;
    const sold = isNativeCoin(token) ? amount : 0n;
    const forGas = ether - sold - reservedAmount(account, terms, NATIVE_COIN);
    return { ...candidate, tokens, ether, reserved: reservedAmount(account, terms, token), forGas };
  });
  const holders = all.filter(({ tokens }) => tokens >= amount);
  if (holders.length === 0) throw insufficientFunds(terms, all);
  const working = holders.filter(({ account }) => account.halted === null);
  if (working.length === 0) throw haltedOf(holders);
  const free = working.filter(({ tokens, reserved }) => tokens >= amount + reserved);
  if (free.length === 0) throw fundsReserved(terms, working);
  const gasCost = SWAP_GAS * maxFeePerGas;
  const chosen = free.find(({ forGas }) => forGas >= gasCost);
  if (chosen === undefined) throw insufficientGasFunds(free, gasCost);
  return chosen.address;
}

function haltedOf(candidates: readonly Candidate[]): EffectError {
  return signerHalted(candidates.at(-1)?.account.halted ?? { message: 'there is none' });
}

function insufficientFunds({ sellToken, sellAmount }: OrderTerms, all: readonly Funded[]): EffectError {
  const most = all.reduce((one, { tokens }) => (tokens > one ? tokens : one), 0n);
  return new EffectError(
    'fail',
    'insufficient_funds',
    `None of ${all.length} signers has the ${sellAmount} base units of ${sellToken} that the order sells: the most that one has is ${most}`,
  );
}

function fundsReserved({ sellToken, sellAmount }: OrderTerms, holders: readonly Funded[]): EffectError {
  const most = holders.reduce((one, other) =>
    other.tokens - other.reserved > one.tokens - one.reserved ? other : one,
  );
  return new EffectError(
    'wait',
    'funds_reserved',
    `The signer ${most.address} has ${most.tokens} base units of ${sellToken}, of which orders in flight spend ${most.reserved}: the order sells ${sellAmount}`,
  );
}

function insufficientGasFunds(free: readonly Funded[], gasCost: bigint): EffectError {
  const [most] = [...free].sort((one, other) => (one.forGas > other.forGas ? -1 : 1));
  return new EffectError(
    'wait',
    'insufficient_gas_funds',
    `The signer ${most?.address ?? ''} has the tokens and ${most?.ether ?? 0n} wei, of which ${most?.forGas ?? 0n} are not to be sold: expected at least ${gasCost} for gas`,
  );
}
