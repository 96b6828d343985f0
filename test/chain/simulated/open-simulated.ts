/** Simulated submitters on one file, as processes that share a chain. */
import Database from 'better-sqlite3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderTerms, UnsignedSwap } from '../../../machines/order/types.ts';
import type { SimulatedSubmitterSettings } from '../../../src/chain/simulated/settings.ts';
import { openSimulatedSubmitter, type SimulatedSubmitter } from '../../../src/chain/simulated/submitter.ts';
import { passNothing, type PassCrashPoint } from '../../../src/crash-points.ts';
import { systemClock, type Clock } from '../../../src/runtime/time.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import type { SubmitterHarness } from '../../contracts/submitter.contract.ts';

export interface SimulatedChainFile extends SubmitterHarness {
  readonly file: string;
  connect(
    passCrashPoint?: PassCrashPoint,
    changed?: Partial<SimulatedSubmitterSettings>,
  ): Promise<SimulatedSubmitter>;
}

export interface ChainFileOptions extends Partial<SimulatedSubmitterSettings> {
  readonly clock?: Clock;
}

export const QUOTED = 2_990_000_000n;
export const LEAST = 2_975_000_000n;

export async function openSimulatedChain(options: ChainFileOptions = {}): Promise<SimulatedChainFile> {
  const folder = await mkdtemp(join(tmpdir(), 'fillstream-chain-'));
  const file = join(folder, 'chain.sqlite');
  const { clock = systemClock, ...settings } = options;
  const open: SimulatedSubmitter[] = [];
  let orders = 0;

  return {
    file,
    connect: (passCrashPoint = passNothing, changed = {}) => {
      const submitter = openSimulatedSubmitter({
        file,
        clock,
        random: seededRandom('pauses before a locked file is tried again'),
        settings: { blockTimeMs: 0, confirmations: 1, seed: 'seven', failures: {}, ...settings, ...changed },
        passCrashPoint,
        classifyRevert: (venue, { reason }) => ({
          kind: reason === 'EXPIRED' ? 'fail' : 'reroute',
          code: reason.toLowerCase(),
          message: `${venue}: ${reason}`,
        }),
      });
      open.push(submitter);
      return Promise.resolve(submitter);
    },
    newOrder: () => Promise.resolve(orderOf(`order-${(orders += 1)}`)),
    rebuilt: ({ swap }) =>
      Promise.resolve({ ...swap, minBuyAmount: (BigInt(swap.minBuyAmount) - 1n).toString() }),
    async executions(orderId) {
      const counted = await (open.at(-1)?.executions() ?? []);
      return counted.find((each) => each.orderId === orderId)?.count ?? 0;
    },
    storedBytes: () =>
      Promise.resolve(readAll(file, 'SELECT bytes FROM transactions').map(({ bytes }) => String(bytes))),
    async close() {
      await Promise.all(open.map((each) => each.close()));
      await rm(folder, { recursive: true });
    },
  };
}

export function readAll(file: string, sql: string): readonly Record<string, unknown>[] {
  const db = new Database(file);
  try {
    return db.prepare<[], Record<string, unknown>>(sql).all();
  } finally {
    db.close();
  }
}

export function orderOf(
  orderId: string,
  validTo = 4_000_000_000,
): { readonly terms: OrderTerms; readonly swap: UnsignedSwap } {
  const word = (amount: bigint) => amount.toString(16).padStart(64, '0');
  const sellAmount = 10n ** 18n;
  return {
    terms: {
      orderId,
      owner: 'local',
      sellToken: 'WETH',
      buyToken: 'USDC',
      sellAmount: sellAmount.toString(),
      minBuyAmount: null,
      slippageBps: 50,
      validTo,
      recipient: null,
      clientOrderId: null,
    },
    swap: {
      venue: 'alpha',
      to: `0x${'a1'.repeat(20)}`,
      data: `0x5357a901${word(sellAmount)}${word(LEAST)}${word(QUOTED)}`,
      value: '0',
      gasLimit: '180000',
      minBuyAmount: LEAST.toString(),
      deadline: validTo,
      spends: null,
    },
  };
}
