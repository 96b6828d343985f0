/**
 * Posts, watches and cancels orders at one api, with four workers on a real chain, during repeated faults. At the end it audits
 * the chain, the journals, and the entries that the clients received.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../../src/store/ports.ts';
import { audit } from '../audit.ts';
import { OrderFlow } from '../order-flow.ts';
import { brokenPromises } from '../promises.ts';
import type { Death } from '../role-process.ts';
import { auditChain, type Broken } from './audit/audit-chain.ts';
import { readAuditedOrders } from './audit/audited-orders.ts';
import { ChainDeployment, type ChainSetting } from './chain-deployment.ts';
import { attemptsOf, describeAccount, accountName } from './audit/known-attempts.ts';
import { orderMix } from './order-mix.ts';
import { balanceKey, readBalances, readSignersTransactions } from './audit/read-chain.ts';

export interface RunPlan {
  /** The least number of orders. */
  readonly orders: number;
  /** How many orders are kept open during the faults. */
  readonly inFlight: number;
  readonly confirmations: number;
  readonly dataDir: string;
  readonly mongoUrl: string | null;
  readonly main: readonly string[];
  readonly random: () => number;
  readonly log: (line: string) => void;
  readonly endedWithinMs: number;
  /** Left out: the usual chain, without rules of its own. */
  readonly setting?: ChainSetting;
}

/** The faults of a run. */
export interface Faults {
  readonly nextCrashPoint: () => string | null;
  readonly onDeath: (death: Death) => void;
  readonly act: (deployment: ChainDeployment, flow: OrderFlow) => Promise<void>;
}

export interface RunFigures {
  readonly endings: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly broken: Broken;
}

const PROGRESS_MS = 5_000;
/** Progress lines without a new entry, after which details are printed. */
const STALLED_LINES = 4;
const CANCEL_WITHIN_MS = 4_000;
const CLOSED_WITHIN_MS = 60_000;

export async function runOnChain(plan: RunPlan, faults: Faults): Promise<RunFigures> {
  const { random, log } = plan;
  const deployment = await ChainDeployment.start({ ...plan, ...faults });
  const { chain, store } = deployment;
  const flow = new OrderFlow({
    urls: [deployment.api.url],
    cancelShare: 0.12,
    cancelWithinMs: CANCEL_WITHIN_MS,
    random,
    order: orderMix(random, chain.odd !== null),
  });
  const progress = setInterval(progressPrinter(deployment, flow, log), PROGRESS_MS);
  try {
    const before = await readBalances(chain.client, chain.chain, chain.signers);
    const firsts = await Promise.all(
      chain.signers.map((address) => chain.client.getTransactionCount({ address })),
    );
    const enough = new AbortController();
    const posting = flow.keepOpen(plan.inFlight, enough.signal);
    await faults.act(deployment, flow).finally(() => enough.abort());
    await posting;
    log(`the faults are over; ${flow.acknowledged.size} accepted, ${flow.open} open`);
    await flow.postKeeping(Math.max(0, plan.orders - flow.acknowledged.size), plan.inFlight);
    const openAtEnd = await flow.ended(plan.endedWithinMs);
    const isClosed = await accountsClosed(deployment);
    if (openAtEnd > 0 || !isClosed) await explain(deployment, log);
    flow.watchers.close();
    await deployment.stopProcesses();

    const orders = await readAuditedOrders(store);
    const transactions = await readSignersTransactions(
      chain.client,
      chain.chain,
      chain.signers,
      chain.startBlock,
    );
    const attempts = await attemptsOf(store, accountsOf(deployment), orders);
    const recipients = orders.flatMap(({ recipient }) => (recipient === null ? [] : [recipient]));
    const accounts = [...chain.signers, ...recipients];
    const nothing = recipients.flatMap((account) =>
      chain.chain.tokens.map(({ address }) => [balanceKey(account, address), 0n] as const),
    );
    const broken = auditChain(orders, attempts, {
      transactions,
      before: new Map([...before, ...nothing]),
      after: await readBalances(chain.client, chain.chain, accounts),
      tokens: chain.chain.tokens,
      nonces: await Promise.all(
        chain.signers.map(async (signer, index) => ({
          signer,
          first: firsts[index] ?? 0,
          latest: await chain.client.getTransactionCount({ address: signer, blockTag: 'latest' }),
          pending: await chain.client.getTransactionCount({ address: signer, blockTag: 'pending' }),
          account: await store.ledger.accounts.read(accountName(chain.chain.chainId, signer)),
        })),
      ),
    });
    const swaps = transactions.filter(({ doing }) => doing === 'swap');
    const executed = countBy(
      swaps.filter(({ succeeded }) => succeeded).map(({ hash }) => attempts.get(hash)?.orderId ?? hash),
    );
    const stored = await audit(
      store,
      Object.entries(executed).map(([orderId, count]) => ({ orderId, count })),
      flow.acknowledged,
    );
    const clients = { acknowledged: flow.acknowledged.size, openAtEnd, feedFaults: flow.watchers.faults() };
    return {
      endings: countBy(
        orders.map(({ status, reason }) => (reason === null ? status : `${status}: ${reason}`)).sort(),
      ),
      counts: {
        orders: orders.length,
        'entries delivered': flow.watchers.entries,
        'transactions on the chain': transactions.length,
        'swaps, successful': swaps.filter(({ succeeded }) => succeeded).length,
        'swaps, reverted': swaps.filter(({ succeeded }) => !succeeded).length,
        'nonces used up by nothing': transactions.filter(({ doing }) => doing === 'nothing').length,
        allowances: transactions.filter(({ doing }) => doing === 'approve').length,
        'attempts in the ledger': attempts.size,
        'orders with several epochs': orders.filter(({ epoch }) => epoch > 1).length,
        'gas used': Number(transactions.reduce((gas, each) => gas + each.gasUsed, 0n)),
        blocks: Number((await chain.client.getBlockNumber()) - chain.startBlock),
        'seconds past validTo, at most': Math.max(0, ...orders.map(({ endedLate }) => Math.ceil(endedLate))),
        ...deployment.rpc.counts,
        ...deployment.endpoints.counts(),
      },
      broken: {
        ...broken,
        'orders end, feeds are 1..n, journals replay': [
          ...brokenPromises({ ...clients, ...stored }),
          ...stored.journalFaults,
          ...clients.feedFaults,
        ],
      },
    };
  } finally {
    clearInterval(progress);
    flow.watchers.close();
    await deployment.remove();
  }
}

/** Prints a line of progress, and details when no entry has arrived for long. */
function progressPrinter(deployment: ChainDeployment, flow: OrderFlow, log: RunPlan['log']): () => void {
  const startedAt = performance.now();
  let entries = 0;
  let stalled = 0;
  return () => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    log(`${seconds} s: ${flow.acknowledged.size} accepted, ${flow.open} open`);
    stalled = flow.watchers.entries === entries ? stalled + 1 : 0;
    entries = flow.watchers.entries;
    if (stalled === STALLED_LINES)
      void explain(deployment, log).catch((error: unknown) => log(String(error)));
  };
}

/** After the end of all orders, waits until the resenders have closed their reservations. */
async function accountsClosed(deployment: ChainDeployment): Promise<boolean> {
  const until = performance.now() + CLOSED_WITHIN_MS;
  for (;;) {
    const accounts = await Promise.all(
      accountsOf(deployment).map((accountId) => deployment.store.ledger.accounts.read(accountId)),
    );
    if (accounts.every(({ open }) => open.length === 0)) return true;
    if (performance.now() > until) return false;
    await sleep(200);
  }
}

function accountsOf({ chain }: ChainDeployment): readonly string[] {
  return chain.signers.map((signer) => accountName(chain.chain.chainId, signer));
}

/** Prints what helps to find out why orders or reservations hang. */
async function explain(deployment: ChainDeployment, log: (line: string) => void): Promise<void> {
  const { store, chain } = deployment;
  for (const accountId of accountsOf(deployment))
    log(describeAccount(await store.ledger.accounts.read(accountId)));
  for (const address of chain.signers) {
    log(`the chain has used ${await chain.client.getTransactionCount({ address })} nonces of ${address}`);
  }
  const running = await Promise.all(deployment.workers.map((worker) => worker.isReady()));
  log(`${running.filter(Boolean).length} of ${running.length} workers run`);
  for (const line of await openOrders(store)) log(line);
}

async function openOrders(store: Store): Promise<readonly string[]> {
  const orders = (await readAuditedOrders(store)).filter(
    ({ status }) => !['confirmed', 'failed', 'cancelled'].includes(status),
  );
  return Promise.all(
    orders.map(async ({ orderId, epoch }) => {
      const last = (await store.journal.read(orderId, 0, 10_000)).at(-1);
      return `order ${orderId}, epoch ${epoch}: ${last?.state ?? '?'}, ${last?.message.message ?? ''}`;
    }),
  );
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
