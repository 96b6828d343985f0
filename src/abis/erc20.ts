import { parseAbi } from 'viem';

/** The functions and events of EIP-20 that are used here. The constructor is OpenZeppelin's ERC20PresetFixedSupply. */
export const ERC20 = parseAbi([
  'constructor(string name, string symbol, uint256 initialSupply, address owner)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function balanceOf(address account) view returns (uint256)',
  'function decimals() view returns (uint8)',
  'function symbol() view returns (string)',
  'function transfer(address recipient, uint256 amount) returns (bool)',
]);
