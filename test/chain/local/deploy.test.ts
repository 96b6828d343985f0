import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseAbi, parseUnits, type Address } from 'viem';
import { privateKeyToAddress } from 'viem/accounts';
import {
  deployLocalChain,
  localChainFiles,
  type LocalDeployment,
} from '../../../src/chain/local/deployment/deploy.ts';
import { ERC20 } from '../../../src/abis/erc20.ts';
import { readLocalChain } from '../../../src/chain/local/local-chain.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { planFor, planId } from '../../../src/chain/local/deployment/plan.ts';
import { deriveKey, openSecret } from '../../../src/chain/local/secret.ts';
import { eventually } from '../../support/eventually.ts';
import { program } from '../../support/programs.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';

const CHILD = program('test/chain/local/deploy-in-child.ts');
const V2 = parseAbi([
  'function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)',
  'function getPair(address, address) view returns (address)',
]);
const PAIR = parseAbi(['function getReserves() view returns (uint112, uint112, uint32)']);
const QUOTER = parseAbi([
  'struct Asked { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96; }',
  'function quoteExactInputSingle(Asked) view returns (uint256, uint160, uint32, uint256)',
]);

let anvil: LocalAnvil;
let client: LocalClient;
const warnings: string[] = [];

beforeEach(async () => {
  warnings.length = 0;
  anvil = await new LocalAnvil().start();
  client = openLocalClient(anvil.rpcUrl);
});
afterEach(() => anvil.remove());

function deploy(): Promise<LocalDeployment> {
  const log = { info: () => undefined, warn: (...said: unknown[]) => void warnings.push(String(said[1])) };
  return deployLocalChain({ rpcUrl: anvil.rpcUrl, chainDir: anvil.chainDir, log });
}

test('two V2 exchanges and one V3 trade WETH for USDC at about 3,000, each at its own price', async () => {
  const { chain } = await deploy();
  const [weth, usdc] = [tokenOf(chain, 'WETH'), tokenOf(chain, 'USDC')];
  const one = parseUnits('1', weth.decimals);
  const prices = await Promise.all(
    chain.exchanges.flatMap((exchange) => {
      if (exchange.kind === 'uniswap-v2') {
        const args = [one, [weth.address, usdc.address]] as const;
        return client
          .readContract({ address: exchange.router, abi: V2, functionName: 'getAmountsOut', args })
          .then((amounts) => amounts[1]);
      }
      return exchange.fees.map(async (fee) => {
        const asked = {
          tokenIn: weth.address,
          tokenOut: usdc.address,
          amountIn: one,
          fee,
          sqrtPriceLimitX96: 0n,
        };
        const [amount] = await client.readContract({
          address: exchange.quoter,
          abi: QUOTER,
          functionName: 'quoteExactInputSingle',
          args: [asked],
        });
        return amount;
      });
    }),
  );
  expect(chain.exchanges.map(({ kind }) => kind)).toEqual(['uniswap-v2', 'uniswap-v2', 'uniswap-v3']);
  for (const price of prices) {
    expect(price).toBeGreaterThan(parseUnits('2950', usdc.decimals));
    expect(price).toBeLessThan(parseUnits('3050', usdc.decimals));
  }
  expect(new Set(prices).size).toBe(4);
});

test('reserves and tokens are as the market says', async () => {
  const { chain } = await deploy();
  for (const { symbol, address, decimals } of chain.tokens) {
    expect(await client.readContract({ address, abi: ERC20, functionName: 'decimals' })).toBe(decimals);
    if (symbol === 'WETH')
      expect(await client.readContract({ address, abi: ERC20, functionName: 'symbol' })).toBe('WETH');
  }
  const [alpha] = chain.exchanges;
  const [weth, wbtc] = [tokenOf(chain, 'WETH'), tokenOf(chain, 'WBTC')];
  const pair = await client.readContract({
    address: alpha?.factory ?? '0x',
    abi: V2,
    functionName: 'getPair',
    args: [weth.address, wbtc.address],
  });
  const [zero, one] = await client.readContract({ address: pair, abi: PAIR, functionName: 'getReserves' });
  const expected = [parseUnits('950', 18), parseUnits('30', 8)];
  expect([zero, one].sort(byValue)).toEqual(expected.sort(byValue));
});

test('a second start deploys nothing, and reads the same from the chain as from its note', async () => {
  const first = await deploy();
  const count = await client.getTransactionCount(first.deployer);
  const again = await deploy();
  expect(again.chain).toEqual(first.chain);
  expect(readLocalChain(localChainFiles(anvil.chainDir).manifest)).toEqual(first.chain);
  expect(await client.getTransactionCount(first.deployer)).toBe(count);
  expect(warnings).toEqual([]);
});

test('the market is still there after the chain was stopped and started', async () => {
  const { chain, deployer } = await deploy();
  await anvil.stop();
  await anvil.start();
  const again = await deploy();
  expect(again.chain).toEqual(chain);
  expect(await client.getTransactionCount(deployer)).toBe(planFor(deployer.address).steps.length);
});

test('killed at any step, the next start goes on where the chain has it', async () => {
  const { deployer } = planned();
  const { steps } = planFor(deployer);
  // One transaction a block, so that there are many moments to die in.
  await client.setBlockGasLimit({ gasLimit: 9_000_000n });
  for (const atLeast of [1, Math.floor(steps.length / 3), Math.floor((2 * steps.length) / 3)]) {
    const child = spawn(process.execPath, [...CHILD, anvil.rpcUrl, anvil.chainDir]);
    const ended = new Promise((resolve) => child.once('close', resolve));
    await eventually(
      () => client.getTransactionCount({ address: deployer }),
      (count) => count >= atLeast,
    );
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(localChainFiles(anvil.chainDir).manifest)).toBe(false);
  }
  const { chain } = await deploy();
  expect(chain).toMatchObject(planFor(deployer).deployed);
  expect(await client.getTransactionCount({ address: deployer })).toBe(steps.length);
});

test('a chain that lost its last blocks to a kill gets the lost steps again, at the same addresses', async () => {
  const { deployer } = planned();
  await client.setBlockGasLimit({ gasLimit: 9_000_000n });
  const copy = `${anvil.stateFile}.2`;
  const begun = deploy();
  begun.catch(() => undefined);
  await eventually(
    () => client.getTransactionCount({ address: deployer }),
    (count) => count >= 10,
  );
  await eventually(
    () => (existsSync(copy) ? readFileSync(copy, 'utf8').toLowerCase() : ''),
    (state) => state.includes(deployer.toLowerCase()),
  );
  await anvil.kill();
  await expect(begun).rejects.toThrow();
  await anvil.start();
  const { chain } = await deploy();
  expect(chain).toMatchObject(planFor(deployer).deployed);
});

test('two processes that deploy at once have the same market', async () => {
  const [one, other] = await Promise.all([deploy(), deploy()]);
  expect(other.chain).toEqual(one.chain);
});

test('on another chain than the noted one it deploys anew, and says so', async () => {
  const { chain } = await deploy();
  const genesis = client.getBlock({ blockNumber: 0n });
  await genesis;
  await anvil.stop();
  for (const end of ['', '.1', '.2']) rmSync(`${anvil.stateFile}${end}`, { force: true });
  // Two chains that begin in the same second have the same first block.
  const { timestamp } = await genesis;
  await eventually(
    () => Math.floor(Date.now() / 1_000),
    (seconds) => seconds > Number(timestamp),
  );
  await anvil.start();
  const anew = await deploy();
  expect(anew.chain.genesisHash).not.toBe(chain.genesisHash);
  expect(anew.chain.tokens).toEqual(chain.tokens);
  expect(warnings).toEqual(['the chain is another one; deploying anew']);
  expect(readLocalChain(localChainFiles(anvil.chainDir).manifest)).toEqual(anew.chain);
});

test('the secret is for this user only, and one that was cut short is refused', async () => {
  await deploy();
  const { secret } = localChainFiles(anvil.chainDir);
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  writeFileSync(secret, 'abc');
  await expect(deploy()).rejects.toThrow(/does not hold a secret of a local chain: expected 64 hex digits/);
});

/** Who will deploy, before anything is. */
function planned(): { readonly deployer: Address } {
  const secret = openSecret(localChainFiles(anvil.chainDir).secret);
  return { deployer: privateKeyToAddress(deriveKey(secret, 'deployer', planId())) };
}

function tokenOf(chain: LocalDeployment['chain'], symbol: string) {
  const token = chain.tokens.find((candidate) => candidate.symbol === symbol);
  if (token === undefined) throw new Error(`${symbol} is not deployed`);
  return token;
}

function byValue(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
