/**
 * What reaches the recipient of a swap, seen by simulating it: some tokens keep a part of each transfer, and neither the router's answer
 * nor their events have to say so. In the simulation the signer's account has this code. It reads the recipient's balance, makes the
 * call as the signer would, and reads the balance again.
 */
import { concat, hexToBigInt, pad, size, slice, type Address, type Hex } from 'viem';

/** Leaves `token.balanceOf(recipient)` on the stack; 0 where the token reverts. Uses memory up to 0x60. */
const BALANCE_OF_RECIPIENT: readonly Hex[] = [
  '0x6370a08231', // PUSH4 selector of balanceOf(address)
  '0x60e01b600052', // shifted to the left of a word, at 0
  '0x602035600452', // recipient: the second word of the input, at 4
  '0x6000604052', // 0 at 0x40, for a token that returns nothing
  '0x6020604060246000600035', // output: 0x20 bytes at 0x40; input: 0x24 bytes at 0; token: the first word
  '0x5afa50', // GAS STATICCALL POP
  '0x604051', // MLOAD 0x40
];

/** The same for the chain's own coin. */
const COIN_OF_RECIPIENT: readonly Hex[] = ['0x60203531']; // BALANCE of the second word of the input

const beforeCall = (readBalance: readonly Hex[]): readonly Hex[] => [
  '0x3660055700', // without input (ether arrives): STOP
  '0x5b', // JUMPDEST 5
  ...readBalance, // [before]
  '0x60603603', // size of the call's data: CALLDATASIZE - 0x60
  '0x806060606037', // DUP1, CALLDATACOPY to 0x60
  '0x60006000', // no output
  '0x826060', // input: the size, at 0x60
  '0x34604035', // CALLVALUE; the address to call: the third word
  '0x5af1', // GAS CALL
];

const ON_REVERT: readonly Hex[] = [
  '0x3d600060003e', // RETURNDATACOPY
  '0x3d6000fd', // REVERT with it
];

const onSuccess = (readBalance: readonly Hex[]): readonly Hex[] => [
  '0x5b50', // JUMPDEST, POP the size: [before]
  '0x3d600060603e', // what the call returned, to 0x60
  '0x3d90', // RETURNDATASIZE SWAP1: [size, before]
  ...readBalance, // [size, before, after]
  '0x03604052', // after - before, at 0x40
  '0x6020016040f3', // RETURN 0x20 + size bytes from 0x40
];

/** `PUSH1 destination JUMPI` between the call and what follows it. */
const JUMP_SIZE = 3;

function assembled(readBalance: readonly Hex[]): Hex {
  const before = concat(beforeCall(readBalance));
  const onRevert = concat(ON_REVERT);
  const destination = size(before) + JUMP_SIZE + size(onRevert);
  const jump: Hex = `0x60${destination.toString(16).padStart(2, '0')}57`;
  return concat([before, jump, onRevert, concat(onSuccess(readBalance))]);
}

/** Runtime code for the signer's account: where a token is bought, and where the chain's own coin is. */
export const RECEIVED_PROBE: Hex = assembled(BALANCE_OF_RECIPIENT);
export const COIN_PROBE: Hex = assembled(COIN_OF_RECIPIENT);

export interface ProbedCall {
  readonly token: Address;
  readonly recipient: Address;
  readonly to: Address;
  readonly data: Hex;
}

/** Input of the code. */
export function encodeProbe({ token, recipient, to, data }: ProbedCall): Hex {
  return concat([pad(token), pad(recipient), pad(to), data]);
}

export interface Received {
  /** By how much the recipient's balance grew. */
  readonly received: bigint;
  /** What the call returned. */
  readonly returned: Hex;
}

/** What the code returned. A balance that fell is told as 0. */
export function decodeProbe(data: Hex): Received {
  const grown = BigInt.asIntN(256, hexToBigInt(slice(data, 0, 32)));
  return { received: grown > 0n ? grown : 0n, returned: size(data) > 32 ? slice(data, 32) : '0x' };
}
