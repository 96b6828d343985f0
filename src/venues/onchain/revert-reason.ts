/** Why a call reverted, as text: what `classifyRevert` takes. */
import { decodeErrorResult, isHex, parseAbi } from 'viem';

/** What Solidity itself reverts with. */
const SOLIDITY = parseAbi(['error Error(string reason)', 'error Panic(uint256 code)']);

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
