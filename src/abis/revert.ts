/** What a contract says when a call of it reverts. */
import { decodeErrorResult, isHex, parseAbi, type Hex } from 'viem';

/** What Solidity itself reverts with. */
const SOLIDITY = parseAbi(['error Error(string reason)', 'error Panic(uint256 code)']);

/** The data of the revert in what viem threw, '0x' where there is none; null: the call is not known to have reverted. */
export function revertDataOf(thrown: unknown): Hex | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('data' in error && isHex(error.data)) return error.data;
    // Some nodes report a revert (code 3) without its data.
    if ('code' in error && error.code === 3) return '0x';
  }
  return null;
}

/** The text of `require` or `revert`; `Panic(0x11)`; the selector of an error that contracts name themselves; '' for no data. */
export function revertReason(data: string): string {
  if (!isHex(data) || data === '0x') return '';
  try {
    const { errorName, args } = decodeErrorResult({ abi: SOLIDITY, data });
    return errorName === 'Error' ? args[0] : `Panic(0x${args[0].toString(16)})`;
  } catch {
    return data.slice(0, 10);
  }
}
