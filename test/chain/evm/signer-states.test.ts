/** What `/health` says of the signers. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseEther } from 'viem';
import { SignersPart } from '../../../src/app/roles/signers-part.ts';
import { openChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { signerStates } from '../../../src/chain/evm/funds/signer-states.ts';
import type { RpcProxy } from '../../support/chain/rpc-proxy.ts';
import { EvmWorkbench } from './evm-workbench.ts';

let bench: EvmWorkbench;
let proxy: RpcProxy;
let warned: unknown[];

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(async () => {
  await bench.begin();
  proxy = await bench.proxy();
  warned = [];
}, 30_000);
afterAll(() => bench.close());

/** As a process that has just started. */
function part(): SignersPart {
  const { multicall3 } = bench.market.chain;
  const node = openChainNode(proxy.url, { multicall3, pollMs: 20 });
  const { log } = bench.deps();
  const context = bench.deps({}, { node, log: { ...log, warn: (said: unknown) => warned.push(said) } });
  const opened = new SignersPart();
  opened.watch(signerStates(context, [bench.signer]));
  return opened;
}

function setEther(wei: bigint): Promise<void> {
  return bench.client.setBalance({ address: bench.signer.address, value: wei });
}

test('signers that have ether and sign are counted, and the node is not asked for each look', async () => {
  await setEther(parseEther('10'));
  const signers = part();
  expect(await signers.probe()).toEqual({ signers: 1, halted: 0, low: 0 });
  proxy.requests.length = 0;
  await bench.mine();
  for (let look = 0; look < 20; look += 1) await signers.probe();
  expect(proxy.requests).toEqual([]);
  expect(warned).toEqual([]);
});

test('a signer with ether for few more swaps makes the health degraded, and the log names it once', async () => {
  await setEther(parseEther('0.0001'));
  const signers = part();
  const low = { status: 'degraded', signers: 1, halted: 0, low: 1 };
  expect(await signers.probe()).toEqual(low);
  expect(await signers.probe()).toEqual(low);
  expect(warned).toMatchObject([{ address: bench.signer.address, wei: parseEther('0.0001').toString() }]);
});

test('a halted signer makes the health degraded at once, until it is resumed', async () => {
  const signers = part();
  const halt = { code: 'foreign_transaction', message: 'Why' };
  await bench.store.ledger.accounts.halt(bench.accountId, halt);
  expect(await signers.probe()).toMatchObject({ status: 'degraded', halted: 1 });
  await bench.store.ledger.accounts.halt(bench.accountId, null);
  expect(await signers.probe()).toEqual({ signers: 1, halted: 0, low: 0 });
});

test('where the node gives no answer the part is down, and it is asked again with the next look', async () => {
  const signers = part();
  proxy.answer = () => ({ status: 503, body: 'away' });
  await expect(signers.probe()).rejects.toMatchObject({ code: 'rpc_unavailable' });
  proxy.answer = null;
  expect(await signers.probe()).toMatchObject({ signers: 1 });
});

test('before the submitter is open, and on a simulated chain, nothing is said of signers', async () => {
  expect(await new SignersPart().probe()).toBeUndefined();
});
