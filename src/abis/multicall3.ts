import { parseAbi } from 'viem';

/** https://github.com/mds1/multicall: the block number, in a call that shares a multicall with others. */
export const MULTICALL3 = parseAbi(['function getBlockNumber() view returns (uint256)']);
