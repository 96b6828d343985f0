/** The compiled contracts, read from the npm packages that publish them: the repository holds no bytecode. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Hex } from 'viem';
import { z } from 'zod';
import { OperatorError } from '../../../operator-error.ts';

const V2_PERIPHERY = '@uniswap/v2-periphery/build/';
const V3_CORE = '@uniswap/v3-core/artifacts/contracts/';
const V3_PERIPHERY = '@uniswap/v3-periphery/artifacts/contracts/';

const FILES = {
  /** Name, symbol and supply are arguments of the constructor; its decimals are 18. */
  erc20: '@openzeppelin/contracts/build/contracts/ERC20PresetFixedSupply.json',
  weth9: `${V2_PERIPHERY}WETH9.json`,
  v2Factory: '@uniswap/v2-core/build/UniswapV2Factory.json',
  v2Router: `${V2_PERIPHERY}UniswapV2Router02.json`,
  v3Factory: `${V3_CORE}UniswapV3Factory.sol/UniswapV3Factory.json`,
  v3Router: `${V3_PERIPHERY}SwapRouter.sol/SwapRouter.json`,
  v3Quoter: `${V3_PERIPHERY}lens/QuoterV2.sol/QuoterV2.json`,
  v3PositionManager: `${V3_PERIPHERY}NonfungiblePositionManager.sol/NonfungiblePositionManager.json`,
} as const;

export type ContractName = keyof typeof FILES | 'multicall3';

/** All contracts of the private chain. */
export const CONTRACT_NAMES: readonly ContractName[] = [
  'erc20',
  'weth9',
  'v2Factory',
  'v2Router',
  'v3Factory',
  'v3Router',
  'v3Quoter',
  'v3PositionManager',
  'multicall3',
];

const hex = z
  .string()
  .transform((text) => (text.startsWith('0x') ? text.slice(2) : text))
  .refine((text) => /^([0-9a-f]{2})+$/.test(text), 'expected bytecode in hex')
  .transform((text): Hex => `0x${text}`);

/** The two artifact formats of these packages. */
const artifact = z.union([
  z
    .object({ evm: z.object({ bytecode: z.object({ object: hex }) }) })
    .transform(({ evm }) => evm.bytecode.object),
  z.object({ bytecode: hex }).transform(({ bytecode }) => bytecode),
]);

/**
 * The contract's creation code, without the arguments of its constructor.
 * @throws OperatorError when its package is not installed
 */
export function creationCode(name: ContractName): Hex {
  const require = createRequire(import.meta.url);
  try {
    if (name === 'multicall3') return multicall3(require);
    // OpenZeppelin's contracts come with v3-periphery, and are resolved from there.
    const finder =
      name === 'erc20' ? createRequire(require.resolve('@uniswap/v3-periphery/package.json')) : require;
    return artifact.parse(JSON.parse(readFileSync(finder.resolve(FILES[name]), 'utf8')));
  } catch (error) {
    throw new OperatorError(
      `the contract ${name} for the local chain was not found. Run npm install, or set RPC_URL to a chain that you run, or EXECUTION=simulated`,
      { cause: error },
    );
  }
}

/** viem contains and uses it, but does not export it. */
function multicall3(require: NodeJS.Require): Hex {
  const module: unknown = require(join(dirname(require.resolve('viem')), 'constants/contracts.js'));
  return z.object({ multicall3Bytecode: hex }).parse(module).multicall3Bytecode;
}
