/**
 * Moves the signers' ledger from one store to another, as orders are moved: it can be continued, and nothing is overwritten. The
 * ledger comes before the orders, so that the ledger knows the nonce of every order that is there; and each account with its
 * open reservations comes before the settled ones, so that an interrupted move never leaves an account that would assign a nonce
 * twice.
 */
import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AccountRecord, LedgerRecords, PutRecord, SettledRecord } from '../store/ledger-records.ts';
import { OperatorError } from '../operator-error.ts';

export interface LedgerContents {
  readonly accounts: number;
  readonly reservations: number;
  readonly attempts: number;
  /** The sum of the SHA-256s of all accounts and settled reservations: each store has its own order of them. */
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

/** @throws OperatorError when the target's ledger is of another chain, or an account or a reservation is there and differs */
export async function moveLedger(from: LedgerRecords, to: LedgerRecords): Promise<MovedLedger> {
  const accounts = await from.accounts();
  mustBeOneChain(accounts, await to.accounts());
  for (const account of accounts) {
    mustBeSame(
      await to.putAccount(account),
      account,
      `account ${account.accountId}`,
      ({ base }) => `first free nonce ${base}`,
    );
  }
  for await (const batch of settledIn(from)) {
    const puts = await Promise.all(
      batch.map(async (reservation) => [reservation, await to.putSettled(reservation)] as const),
    );
    for (const [reservation, put] of puts) {
      const which = `nonce ${reservation.nonce} of account ${reservation.accountId}`;
      mustBeSame(put, reservation, which, ({ orderId, epoch }) => `order ${orderId}, epoch ${epoch}`);
    }
  }
  const [source, target] = [await ledgerContentsOf(from), await ledgerContentsOf(to)];
  return { source, target, isVerified: source.digest === target.digest };
}

export async function ledgerContentsOf(records: LedgerRecords): Promise<LedgerContents> {
  const accounts = await records.accounts();
  const open = accounts.flatMap((account) => account.open);
  let [reservations, sum] = [open.length, accounts.reduce((total, account) => total + digestOf(account), 0n)];
  let attempts = open.reduce((count, reservation) => count + reservation.attempts.length, 0);
  for await (const batch of settledIn(records)) {
    reservations += batch.length;
    for (const reservation of batch) {
      attempts += reservation.attempts.length;
      sum += digestOf(reservation);
    }
  }
  return {
    accounts: accounts.length,
    reservations,
    attempts,
    digest: (sum % DIGESTS).toString(16).padStart(64, '0'),
  };
}

/** The account's name begins with its chain's id; an id alone does not tell chains apart. */
function mustBeOneChain(source: readonly AccountRecord[], target: readonly AccountRecord[]): void {
  if (source.length === 0) return;
  const chainOf = ({ accountId, genesis }: AccountRecord): string =>
    `${accountId.split(':')[0] ?? ''} (${genesis})`;
  const chains = new Set(source.map(chainOf));
  const other = target.find((account) => !chains.has(chainOf(account)));
  if (other === undefined) return;
  throw new OperatorError(
    `the target's ledger has account ${other.accountId} of chain ${chainOf(other)}, the source's is of ${[...chains].join(', ')}: nothing was written; move into an empty store`,
  );
}

function mustBeSame<Kept extends AccountRecord | SettledRecord>(
  put: PutRecord<Kept>,
  wanted: Kept,
  which: string,
  describe: (record: Kept) => string,
): void {
  if (put.written || digestOf(put.existing) === digestOf(wanted)) return;
  throw new OperatorError(
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

function digestOf(record: AccountRecord | SettledRecord): bigint {
  return BigInt(`0x${hash('sha256', canonicalize(record) ?? '', 'hex')}`);
}
