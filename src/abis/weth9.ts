import { parseAbi } from 'viem';

export const WETH9 = parseAbi(['function deposit() payable']);

export const WETH9_EVENTS = parseAbi([
  'event Deposit(address indexed dst, uint256 wad)',
  'event Withdrawal(address indexed src, uint256 wad)',
]);
