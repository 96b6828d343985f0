/** What operators do: on orders of every owner, and on signers. Each action is in the audit log before it is done. */
import { orderNotFound } from '../../errors.ts';
import type { Clock } from '../../runtime/time.ts';
import type { AuditLog, AuditRecord } from '../../store/identity.ts';
import type { Halt, SignerAccounts } from '../../store/ledger.ts';
import type { HeldOrders, OrderStore, RunningWorker, WorkStore } from '../../store/ports.ts';
import type { CancelOrder, CancelRequested } from './cancel-order.ts';

export interface Operator {
  readonly owner: string;
  readonly role: string;
  readonly name: string;
  readonly keyId: string | null;
}

export interface OperateDeps {
  readonly orders: Pick<OrderStore, 'load'>;
  readonly work: Pick<WorkStore, 'held' | 'liftHold' | 'workers'>;
  readonly accounts: Pick<SignerAccounts, 'list'>;
  readonly audit: AuditLog;
  /** Of every owner. */
  readonly cancelOrder: CancelOrder;
  /** @returns lines for people. @throws FillstreamError not_found */
  readonly resumeSigner: (address: string) => Promise<readonly string[]>;
  /** What these accounts have. Null: this process reaches no chain, or the chain does not answer in time. Never rejects. */
  readonly fundsOf: (addresses: readonly string[]) => Promise<ReadonlyMap<string, SignerFunds> | null>;
  /** A worker whose last heartbeat is older is dead. */
  readonly deadAfterMs: number;
  readonly newId: () => string;
  readonly clock: Clock;
}

export interface SignerFunds {
  /** Wei. */
  readonly ether: string;
  /** Of the tokens that are traded, those that it has some of, in base units. */
  readonly tokens: readonly { readonly token: string; readonly amount: string }[];
}

/** A signer that has signed for this store. */
export interface SignerState {
  readonly chainId: number;
  readonly address: string;
  /** The first nonce that is not known to be used. */
  readonly nextNonce: number;
  /** How many nonces are reserved and not known to be used. */
  readonly openNonces: number;
  readonly halted: Halt | null;
  /** Null: not known to this process. */
  readonly funds: SignerFunds | null;
}

export interface WorkerState extends RunningWorker {
  readonly isAlive: boolean;
}

/** All methods throw StoreUnavailable. */
export interface Operate {
  /** @throws FillstreamError order_not_found, order_ended */
  cancel(by: Operator, orderId: string): Promise<CancelRequested>;
  /** False: it was not held. @throws FillstreamError order_not_found */
  liftHold(by: Operator, orderId: string): Promise<boolean>;
  /** @throws FillstreamError not_found */
  resumeSigner(by: Operator, address: string): Promise<readonly string[]>;
  /** The owner of an order, for an operator who is going to read it. @throws FillstreamError order_not_found */
  openOrder(by: Operator, orderId: string): Promise<string>;
  held(limit: number): Promise<HeldOrders>;
  workers(limit: number, ordersShown: number): Promise<readonly WorkerState[]>;
  signers(limit: number): Promise<readonly SignerState[]>;
  /** Newest first. @param before Unix milliseconds */
  audit(limit: number, before: number | null): Promise<readonly AuditRecord[]>;
}

/** An account that is not a signer's says which chain the store belongs to. */
const SIGNER_ACCOUNT = /^(\d+):(0x[0-9a-f]{40})$/;

export function operate(deps: OperateDeps): Operate {
  const { orders, work, audit, clock } = deps;

  async function record(by: Operator, action: string, subject: string): Promise<void> {
    const { owner, role, name, keyId } = by;
    await audit.append({ id: deps.newId(), at: clock.now(), owner, role, name, keyId, action, subject });
  }

  async function ownerOf(orderId: string): Promise<string> {
    const order = await orders.load(orderId);
    if (order === null) throw orderNotFound(orderId);
    return order.owner;
  }

  return {
    cancel: async (by, orderId) => {
      const owner = await ownerOf(orderId);
      await record(by, 'cancel', orderId);
      return deps.cancelOrder(owner, orderId);
    },
    liftHold: async (by, orderId) => {
      await ownerOf(orderId);
      await record(by, 'lift_hold', orderId);
      return work.liftHold(orderId);
    },
    resumeSigner: async (by, address) => {
      await record(by, 'resume_signer', address);
      return deps.resumeSigner(address);
    },
    openOrder: async (by, orderId) => {
      const owner = await ownerOf(orderId);
      await record(by, 'open_order', orderId);
      return owner;
    },
    held: (limit) => work.held(limit),
    workers: async (limit, ordersShown) =>
      (await work.workers(limit, ordersShown)).map((worker) => ({
        ...worker,
        isAlive: worker.silentMs <= deps.deadAfterMs,
      })),
    signers: async (limit) => {
      const known = (await deps.accounts.list(limit)).flatMap(({ accountId, base, open, halted }) => {
        const [, chainId, address] = SIGNER_ACCOUNT.exec(accountId) ?? [];
        if (chainId === undefined || address === undefined) return [];
        return [
          {
            chainId: Number(chainId),
            address,
            nextNonce: base,
            openNonces: open.filter(({ state }) => state !== 'closed').length,
            halted,
          },
        ];
      });
      const funds = known.length === 0 ? null : await deps.fundsOf(known.map(({ address }) => address));
      return known.map((signer) => ({ ...signer, funds: funds?.get(signer.address) ?? null }));
    },
    audit: (limit, before) => audit.list(limit, before),
  };
}
