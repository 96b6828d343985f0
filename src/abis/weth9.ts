import { parseAbi } from 'viem';

export const WETH9 = parseAbi(['function deposit() payable']);
