/** The answers of REST with their types. The page trusts its own server: what the routes describe is what comes. */
import type {
  OrderCountsView,
  OrderPageView,
  OrderView,
  QuotesView,
  SubmittedView,
  TransitionsView,
} from '../../src/protocol/views.ts';
import type { MachineStats } from '../../src/protocol/machine-stats.ts';
import type { Chain, Token } from './chain.ts';
import type { MachineDoc, MachineSummary } from './machines.ts';
import { get, post } from './rest.ts';

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly parts: Readonly<
    Record<string, Readonly<Record<string, unknown>> & { readonly status: 'ok' | 'down' }>
  >;
  readonly connections: Readonly<Record<string, number>>;
  readonly uptimeSeconds: number;
  readonly version: string;
}

export interface MachineList {
  readonly current: number;
  readonly machines: readonly MachineSummary[];
}

export interface HeldList {
  readonly total: number;
  readonly orders: readonly { readonly orderId: string; readonly status: string; readonly hold: Explained }[];
}

export interface Signer {
  readonly chainId: number;
  readonly address: string;
  readonly nextNonce: number;
  readonly openNonces: number;
  readonly halted: Explained | null;
  /** Null: not known; left out: by a server that does not tell it. */
  readonly funds?: {
    readonly ether: string;
    readonly tokens: readonly { readonly token: string; readonly amount: string }[];
  } | null;
}

export interface RunningWorker {
  readonly workerId: string;
  readonly isAlive: boolean;
  readonly silentMs: number;
  readonly orderCount: number;
  readonly orders: readonly { readonly orderId: string; readonly status: string }[];
}

export interface AuditRecord {
  readonly id: string;
  readonly at: string;
  readonly name: string;
  readonly action: string;
  readonly subject: string;
}

interface Explained {
  readonly code: string;
  readonly message: string;
}

// All of them throw Refused and NoAnswer.

export async function readOrder(orderId: string): Promise<OrderView> {
  return (await get(`api/orders/${orderId}`)) as OrderView;
}

/** The parameters of `GET /api/orders`. */
export interface OrdersQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly q?: string;
  readonly status?: string;
  /** Unix milliseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly sort?: 'newest' | 'oldest';
}

export async function readOrders(query: OrdersQuery): Promise<OrderPageView> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.set(name, String(value));
  return (await get(`api/orders?${search.toString()}`)) as OrderPageView;
}

export async function readCounts(): Promise<OrderCountsView> {
  return (await get('api/orders/counts')) as OrderCountsView;
}

export async function readTransitions(
  orderId: string,
  after: number,
  limit: number,
): Promise<TransitionsView> {
  return (await get(`api/orders/${orderId}/transitions?after=${after}&limit=${limit}`)) as TransitionsView;
}

/** The same key makes a repeated submission the same order. */
export async function submitOrder(body: object, idempotencyKey: string): Promise<SubmittedView> {
  return (await post('api/orders/execute', body, { 'idempotency-key': idempotencyKey })) as SubmittedView;
}

/** @param body of a submission */
export async function readQuotes(body: object): Promise<QuotesView> {
  return (await post('api/quotes', body)) as QuotesView;
}

export async function cancelOrder(orderId: string): Promise<void> {
  await post(`api/orders/${orderId}/cancel`, {});
}

/** Ends its backoff, if it is in one. */
export async function retryOrder(orderId: string): Promise<void> {
  await post(`api/orders/${orderId}/retry`, {});
}

export async function readMachine(version: number): Promise<MachineDoc> {
  return (await get(`api/machines/${version}`)) as MachineDoc;
}

/** @param since Unix milliseconds; null: any time */
export async function readStats(
  version: number,
  since: number | null,
  orders: number,
): Promise<MachineStats> {
  const from = since === null ? '' : `&since=${since}`;
  return (await get(`api/machines/${version}/stats?orders=${orders}${from}`)) as MachineStats;
}

export async function readMachines(): Promise<MachineList> {
  return (await get('api/machines')) as MachineList;
}

export async function readChain(): Promise<Chain> {
  return (await get('api/chain')) as Chain;
}

export async function readTokens(): Promise<readonly Token[]> {
  return ((await get('api/tokens')) as { readonly tokens: readonly Token[] }).tokens;
}

export async function readHealth(): Promise<Health> {
  return (await get('health')) as Health;
}

// For operators.

export async function readHeld(): Promise<HeldList> {
  return (await get('api/operator/held')) as HeldList;
}

export async function readSigners(): Promise<readonly Signer[]> {
  return ((await get('api/operator/signers')) as { readonly signers: readonly Signer[] }).signers;
}

export async function readWorkers(): Promise<readonly RunningWorker[]> {
  return ((await get('api/operator/workers')) as { readonly workers: readonly RunningWorker[] }).workers;
}

/** An order of any owner. @returns what reads it; null: nothing is needed */
export async function openForOperator(orderId: string): Promise<string | null> {
  return ((await post(`api/operator/orders/${orderId}/open`, {})) as { readonly ticket: string | null })
    .ticket;
}

export async function readAudit(): Promise<readonly AuditRecord[]> {
  return ((await get('api/operator/audit')) as { readonly records: readonly AuditRecord[] }).records;
}

/** An order of any owner. */
export async function cancelForOwner(orderId: string): Promise<void> {
  await post(`api/operator/orders/${orderId}/cancel`, {});
}

export async function liftHold(orderId: string): Promise<{ readonly wasHeld: boolean }> {
  return (await post(`api/operator/orders/${orderId}/lift-hold`, {})) as { readonly wasHeld: boolean };
}

/** @returns lines for people */
export async function resumeSigner(address: string): Promise<{ readonly did: readonly string[] }> {
  return (await post(`api/operator/signers/${address}/resume`, {})) as { readonly did: readonly string[] };
}
