import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Report } from '../../../machines/order/types.ts';
import { openEvmSubmitter } from '../../../src/chain/evm/submitter.ts';
import type { ChainNode } from '../../../src/chain/evm/node/chain-node.ts';
import { mineSwap } from '../../../src/chain/evm/mine.ts';
import { resumeSigner } from '../../../src/chain/evm/nonces/resume-signer.ts';
import { signSwap } from '../../../src/chain/evm/sign-swap.ts';
import { runResumeSigner } from '../../../src/app/commands/resume-signer.ts';
import { readConfig } from '../../../src/settings/config.ts';
import { privateKeySigner } from '../../../src/chain/evm/signing/transaction-signer.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIRMATIONS, EvmWorkbench, type SignedOrder } from './evm-workbench.ts';

const HALTED = { name: 'EffectError', kind: 'wait', code: 'signer_halted' };

let bench: EvmWorkbench;

beforeAll(async () => {
  bench = await EvmWorkbench.open();
}, 60_000);
beforeEach(() => bench.begin());
afterAll(() => bench.close());

/** An order whose nonce a foreign transaction has used finally. */
async function robbed(): Promise<{ readonly order: SignedOrder; readonly foreign: string }> {
  const order = await bench.armed();
  const foreign = await bench.sendForeign((await bench.reservationOf(order)).nonce);
  await bench.mine(1 + CONFIRMATIONS);
  return { order, foreign };
}

test('a nonce that a foreign transaction used halts the signer, once, with the nonce, the transaction and the reason', async () => {
  const { order, foreign } = await robbed();
  const { nonce } = await bench.reservationOf(order);
  const resenders = [bench.resender(), bench.resender()];
  for (const resender of [...resenders, ...resenders])
    await expect(resender.runOnce()).rejects.toMatchObject(HALTED);
  const { halted } = await bench.readAccount();
  expect(halted?.code).toBe('foreign_transaction');
  expect(halted?.message).toMatch(
    new RegExp(`nonce ${nonce} of ${bench.signer.address} was used by ${foreign}`),
  );
  expect(bench.errors).toHaveLength(1);
});

test('a halted signer takes no more nonces', async () => {
  await robbed();
  await expect(bench.resender().runOnce()).rejects.toMatchObject(HALTED);
  const { terms, swap } = await bench.market.newOrder();
  const input = { terms, swap, signer: bench.signer.address, epoch: 1 };
  await expect(signSwap(bench.deps(), bench.signer, input, bench.execution())).rejects.toMatchObject(HALTED);
});

test('a foreign transaction that is not final does not halt the signer, and where it is taken back the order is filled', async () => {
  const order = await bench.armed();
  await bench.sendForeign((await bench.reservationOf(order)).nonce);
  await bench.mine(CONFIRMATIONS);
  const resender = bench.resender();
  await resender.runOnce();
  expect((await bench.readAccount()).halted).toBeNull();
  await bench.reorganise(CONFIRMATIONS);
  await resender.runOnce();
  await bench.mine(1 + CONFIRMATIONS);
  await resender.runOnce();
  expect((await bench.reservationOf(order)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
});

test('reservations from before the halt continue: they are sent, given up and closed', async () => {
  const first = await bench.armed();
  const [sent, abandoned] = [await bench.armed(), await bench.signed()];
  bench.submitted.set(abandoned.sent.terms.orderId, { epoch: 2, hashes: [] });
  await bench.sendForeign((await bench.reservationOf(first)).nonce);
  await bench.mine(1 + CONFIRMATIONS);
  const resender = bench.resender();
  for (let look = 0; look < 2; look += 1) await expect(resender.runOnce()).rejects.toMatchObject(HALTED);
  await bench.mine(1 + CONFIRMATIONS);
  await expect(resender.runOnce()).rejects.toMatchObject(HALTED);
  expect((await bench.reservationOf(sent)).outcome).toMatchObject({ kind: 'swap', status: 'success' });
  expect((await bench.reservationOf(abandoned)).outcome).toMatchObject({ kind: 'cancel', status: 'success' });
});

test('orders are given to the signers that are not halted, and wait where all are', async () => {
  const other = privateKeySigner(`0x${'7a'.repeat(32)}`);
  const submitter = await openEvmSubmitter(bench.deps({}, { signers: [bench.signer, other] }));
  const { terms } = await bench.market.newOrder();
  const assigned = (): Promise<Set<string>> =>
    Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        submitter.assignSigner({ ...terms, orderId: `order ${index}` }),
      ),
    ).then((all) => new Set(all));
  expect(await assigned()).toEqual(new Set([bench.signer.address, other.address]));
  await robbed();
  await eventually(
    () => bench.readAccount(),
    ({ halted }) => halted !== null,
  );
  expect(await assigned()).toEqual(new Set([other.address]));
  const { accounts } = bench.store.ledger;
  await accounts.halt(bench.accountId.replace(/:.*/, `:${other.address.toLowerCase()}`), {
    code: 'x',
    message: 'x',
  });
  await expect(assigned()).rejects.toMatchObject(HALTED);
  await submitter.close();
});

test('the order waits and says so until an operator lifts the halt, and then goes on with another nonce', async () => {
  const { order, foreign } = await robbed();
  const reports: Report[] = [];
  const mining = mineSwap(bench.deps(), bench.signer, order.sent, bench.execution(reports));
  await eventually(
    () => reports,
    (all) => all.length > 0,
  );
  expect(reports).toMatchObject([{ type: 'WAITING', failure: { kind: 'wait', code: 'signer_halted' } }]);
  expect((await bench.reservationOf(order)).outcome).toBeNull();

  const used = await resumeSigner(bench.deps(), bench.signer);
  expect(used).toMatchObject([{ kind: 'foreign', hash: foreign, status: 'success' }]);
  expect(await mining).toMatchObject({
    outcome: 'reverted',
    failure: { kind: 'reroute', code: 'slot_lost' },
  });
  expect(reports).toHaveLength(1);
  const input = { ...order.sent, swap: order.swap, epoch: 2 };
  const { transaction } = await signSwap(bench.deps(), bench.signer, input, bench.execution());
  expect(transaction.nonce).toBe(await bench.usedNonces());
  await bench.resender().runOnce();
});

test('a signer is not halted for a nonce that an operator closed while its transaction was looked for', async () => {
  const { order } = await robbed();
  const { node } = bench.deps();
  let isClosed = false;
  const findTransactionByNonce: ChainNode['findTransactionByNonce'] = async (...asked) => {
    const found = await node.findTransactionByNonce(...asked);
    if (!isClosed) await resumeSigner(bench.deps(), bench.signer);
    isClosed = true;
    return found;
  };
  const deps = bench.deps({}, { node: { ...node, findTransactionByNonce } });
  expect(await mineSwap(deps, bench.signer, order.sent, bench.execution())).toMatchObject({
    outcome: 'reverted',
    failure: { code: 'slot_lost' },
  });
  expect(await bench.readAccount()).toMatchObject({ halted: null, open: [] });
});

test('a halt is lifted for all nonces that were used meanwhile, those that no order had included', async () => {
  const { order } = await robbed();
  const { nonce } = await bench.reservationOf(order);
  await bench.sendForeign(nonce + 1);
  await bench.sendForeign(nonce + 2);
  await bench.mine(1 + CONFIRMATIONS);
  expect(await resumeSigner(bench.deps(), bench.signer)).toHaveLength(3);
  expect(await bench.readAccount()).toMatchObject({ base: nonce + 3, open: [], halted: null });
  expect(await resumeSigner(bench.deps(), bench.signer)).toEqual([]);
});

test('resume-signer does that for an operator, who needs no key', async () => {
  const { foreign } = await robbed();
  await expect(bench.resender().runOnce()).rejects.toMatchObject(HALTED);
  const { nonce } = (await bench.readAccount()).open[0] ?? {};
  const config = readConfig({
    DATA_DIR: bench.dataDir,
    RPC_URL: bench.market.anvil.rpcUrl,
    CONFIRMATIONS: String(CONFIRMATIONS),
  });
  const printed: string[] = [];
  await runResumeSigner(bench.signer.address, config, (line) => printed.push(line));
  expect(printed).toEqual([
    expect.stringContaining(`nonce ${nonce ?? ''} of ${bench.signer.address} was used by ${foreign}`),
    expect.stringContaining(`the nonce that ${foreign} used`),
    `${bench.signer.address} signs again.`,
  ]);
  expect((await bench.readAccount()).halted).toBeNull();
});

test('resume-signer reports what it expected', async () => {
  const run = (address: string | undefined, settings: Record<string, string> = {}): Promise<void> =>
    runResumeSigner(address, readConfig({ DATA_DIR: bench.dataDir, ...settings }), () => undefined);
  const RPC_URL = bench.market.anvil.rpcUrl;
  await expect(run(undefined, { RPC_URL })).rejects.toThrow("expected the signer's address");
  await expect(run('0x12', { RPC_URL })).rejects.toThrow('resume-signer 0x12');
  await expect(run(bench.signer.address)).rejects.toThrow('RPC_URL is not set');
  await expect(run(`0x${'ab'.repeat(20)}`, { RPC_URL })).rejects.toThrow('has signed nothing for this store');
});
