import { parseAbi } from 'viem';

/** https://github.com/mds1/multicall: what is read in calls that share a multicall with others. */
export const MULTICALL3 = parseAbi([
  'function getBlockNumber() view returns (uint256)',
  'function getEthBalance(address account) view returns (uint256)',
]);
