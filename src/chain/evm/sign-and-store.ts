/** Signs for a reservation. What is signed is stored and named in its reservation before it may be sent. */
import { encodeFunctionData, keccak256, parseTransaction, type Address, type Hex } from 'viem';
import type { UnsignedSwap } from '../../../machines/order/types.ts';
import { ERC20 } from '../../abis/erc20.ts';
import type { Attempt, AttemptKind, NonceReservation, OpenState } from '../../store/ledger.ts';
import { accountIdOf, type SubmitterContext } from './submitter-context.ts';
import { feeFields, initialFees, type Fees } from './node/fees.ts';
import type { TransactionSigner } from './signing/transaction-signer.ts';

export interface Call {
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
  readonly gas: bigint;
}

/** Of a transfer of ether: the least that a transaction uses. */
const TRANSFER_GAS = 21_000n;

export function swapCall(swap: UnsignedSwap): Call {
  return {
    to: asHex(swap.to),
    data: asHex(swap.data),
    value: BigInt(swap.value),
    gas: BigInt(swap.gasLimit),
  };
}

/** Sends 0 ether to itself: it uses the nonce up and does nothing. */
export function selfTransfer(address: Address): Call {
  return { to: address, data: '0x', value: 0n, gas: TRANSFER_GAS };
}

export function approveCall(token: Address, spender: Address, amount: bigint, gas: bigint): Call {
  const data = encodeFunctionData({ abi: ERC20, functionName: 'approve', args: [spender, amount] });
  return { to: token, data, value: 0n, gas };
}

/** The call of a signed transaction. */
export function decodeCall({ bytes }: Pick<Attempt, 'bytes'>): Call {
  const { to, data, value, gas } = parseTransaction(asHex(bytes));
  if (to === undefined || to === null) throw new Error('a signed transaction has no recipient');
  return { to, data: data ?? '0x', value: value ?? 0n, gas: gas ?? 0n };
}

export function isSameCall(one: Call, other: Call): boolean {
  return (
    one.to.toLowerCase() === other.to.toLowerCase() &&
    one.data === other.data &&
    one.value === other.value &&
    one.gas === other.gas
  );
}

/** The fees that a new transaction offers now. @throws EffectError */
export async function estimateFees({ node, settings }: SubmitterContext): Promise<Fees> {
  return initialFees(await node.feeMarket(), settings);
}

export interface SigningRequest {
  readonly signer: TransactionSigner;
  readonly reservation: NonceReservation;
  readonly kind: AttemptKind;
  readonly call: Call;
  readonly fees: Fees;
  /** The reservation names the attempt only in these states. */
  readonly allowed: readonly OpenState[];
}

/** Null: the reservation is in another state by now, and what was signed must never be sent. */
export async function signAndStore(
  { chainId, ledger, passCrashPoint }: SubmitterContext,
  { signer, reservation, kind, call, fees, allowed }: SigningRequest,
): Promise<Attempt | null> {
  const bytes = await signer.sign({ chainId, nonce: reservation.nonce, ...call, ...feeFields(fees) });
  passCrashPoint('submitter.signed');
  const attempt: Attempt = {
    hash: keccak256(bytes),
    accountId: accountIdOf(chainId, signer.address),
    orderId: reservation.orderId,
    epoch: reservation.epoch,
    nonce: reservation.nonce,
    kind,
    bytes,
    maxFeePerGas: fees.maxFeePerGas.toString(),
    maxPriorityFeePerGas: fees.maxPriorityFeePerGas.toString(),
  };
  const isNamed = await ledger.attempts.keep(attempt, allowed);
  passCrashPoint('submitter.stored');
  return isNamed ? attempt : null;
}

export function asHex(text: string): Hex {
  if (!text.startsWith('0x')) throw new Error(`"${text.slice(0, 20)}" is not hex: expected 0x…`);
  return `0x${text.slice(2)}`;
}
