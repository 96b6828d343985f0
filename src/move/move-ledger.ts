/**
 * Carries the signers' ledger from one store to another, as orders are carried: resumable, nothing is overwritten. Before the
 * orders, so that no order is there whose nonce the ledger does not know; and each lane with what is open in it before what was
 * settled, so that a move that was broken off never leaves a lane that would give a nonce away twice.
 */
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { LaneRecord, LedgerRecords, PutRecord, SettledRecord } from '../store/ledger-records.ts';
import { UserFault } from '../user-fault.ts';

export interface LedgerContents {
  readonly lanes: number;
  readonly slots: number;
  readonly attempts: number;
  /** The sum of the SHA-256s of all lanes and settled slots: each store has its own order of them. */
  readonly digest: string;
}

export interface MovedLedger {
  readonly source: LedgerContents;
  readonly target: LedgerContents;
  /** Whether the target now holds exactly what the source does. */
  readonly isVerified: boolean;
}

const BATCH = 200;
const DIGESTS = 2n ** 256n;

/** @throws UserFault when the target's ledger is of another chain, or a lane or a slot is there and differs */
export async function moveLedger(from: LedgerRecords, to: LedgerRecords): Promise<MovedLedger> {
  const lanes = await from.lanes();
  mustBeOneChain(lanes, await to.lanes());
  for (const lane of lanes) {
    mustBeSame(await to.putLane(lane), lane, `lane ${lane.lane}`, ({ base }) => `first free nonce ${base}`);
  }
  for await (const batch of settledIn(from)) {
    const puts = await Promise.all(batch.map(async (slot) => [slot, await to.putSettled(slot)] as const));
    for (const [slot, put] of puts) {
      const which = `nonce ${slot.nonce} of lane ${slot.lane}`;
      mustBeSame(put, slot, which, ({ orderId, epoch }) => `order ${orderId}, epoch ${epoch}`);
    }
  }
  const [source, target] = [await ledgerContentsOf(from), await ledgerContentsOf(to)];
  return { source, target, isVerified: source.digest === target.digest };
}

export async function ledgerContentsOf(records: LedgerRecords): Promise<LedgerContents> {
  const lanes = await records.lanes();
  const open = lanes.flatMap((lane) => lane.open);
  let [slots, sum] = [open.length, lanes.reduce((total, lane) => total + digestOf(lane), 0n)];
  let attempts = open.reduce((count, slot) => count + slot.attempts.length, 0);
  for await (const batch of settledIn(records)) {
    slots += batch.length;
    for (const slot of batch) {
      attempts += slot.attempts.length;
      sum += digestOf(slot);
    }
  }
  return { lanes: lanes.length, slots, attempts, digest: (sum % DIGESTS).toString(16).padStart(64, '0') };
}

/** The lane's name begins with its chain's id; an id alone does not tell chains apart. */
function mustBeOneChain(source: readonly LaneRecord[], target: readonly LaneRecord[]): void {
  if (source.length === 0) return;
  const chainOf = ({ lane, genesis }: LaneRecord): string => `${lane.split(':')[0] ?? ''} (${genesis})`;
  const chains = new Set(source.map(chainOf));
  const other = target.find((lane) => !chains.has(chainOf(lane)));
  if (other === undefined) return;
  throw new UserFault(
    `the target's ledger has lane ${other.lane} of chain ${chainOf(other)}, the source's is of ${[...chains].join(', ')}: nothing was written; move into an empty store`,
  );
}

function mustBeSame<Kept extends LaneRecord | SettledRecord>(
  put: PutRecord<Kept>,
  wanted: Kept,
  which: string,
  describe: (record: Kept) => string,
): void {
  if (put.written || digestOf(put.existing) === digestOf(wanted)) return;
  throw new UserFault(
    `${which} is in the target and differs (${describe(put.existing)}, here ${describe(wanted)}): nothing was overwritten; move into an empty store, or one that was filled from this one`,
  );
}

async function* settledIn(records: LedgerRecords): AsyncGenerator<readonly SettledRecord[]> {
  let after: string | null = null;
  for (;;) {
    const { records: batch, next }: Awaited<ReturnType<LedgerRecords['settled']>> = await records.settled(
      after,
      BATCH,
    );
    if (batch.length > 0) yield batch;
    if (next === null) return;
    after = next;
  }
}

function digestOf(record: LaneRecord | SettledRecord): bigint {
  return BigInt(`0x${hash('sha256', canonicalize(record) ?? '', 'hex')}`);
}
