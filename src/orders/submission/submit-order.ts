/** Accepts an order: stores it, then answers, then wakes a worker. */
import type { OrderStatus } from '../../../machines/order/state.ts';
import type { RetryPolicy } from '../../../machines/order/types.ts';
import type { MachineRegistry } from '../../../machines/registry.ts';
import type { PassCrashPoint } from '../../crash-points.ts';
import { FillstreamError } from '../../errors.ts';
import type { JournaledMessage } from '../../protocol/messages.ts';
import type { Submission } from '../../protocol/requests.ts';
import type { WakeQueue } from '../../queue/port.ts';
import type { Created, NewOrder, OrderStore, StoredOrder } from '../../store/ports.ts';
import type { Clock } from '../../runtime/time.ts';
import type { TokenNames } from '../../settings/token-names.ts';
import type { Log } from '../../telemetry/log.ts';
import { checkSubmission } from './check-submission.ts';
import { newOrder } from './new-order.ts';
import type { OpenOrderLimit, OpenOrderPermit } from './open-order-limit.ts';
import { orderIdOf, requestHashOf } from './order-id.ts';
import type { OrderLimits } from './order-limits.ts';
import { validToOf } from './valid-to.ts';
import { wakeOrder } from '../wake-order.ts';

export interface SubmitDeps {
  readonly store: Pick<OrderStore, 'create' | 'load'>;
  readonly queue: Pick<WakeQueue, 'wake'>;
  readonly openOrders: OpenOrderLimit;
  /** Which tokens orders may name. */
  readonly tokens: TokenNames;
  /** Contracts that orders must not pay, in lower case. Left out: none is known here. */
  readonly contracts?: ReadonlySet<string>;
  readonly limits: OrderLimits;
  readonly registry: MachineRegistry;
  /** The retry policy of new orders. It is stored with each order. */
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** A unique key, for a client that sends none. */
  readonly newIdempotencyKey: () => string;
  /** Passes the first entry of a new order to the streams of this process. Does not throw. */
  readonly notifyCreated: (message: JournaledMessage, owner: string) => void;
  readonly passCrashPoint: PassCrashPoint;
  readonly log: Log;
}

export interface SubmitRequest {
  readonly owner: string;
  readonly idempotencyKey: string | null;
  /** The client's JSON before defaults are added. Repetitions are compared by it. */
  readonly body: unknown;
  readonly submission: Submission;
}

export interface Submitted {
  /** False: the key already has an order, which is returned. */
  readonly created: boolean;
  readonly order: { readonly orderId: string; readonly status: OrderStatus };
}

/**
 * Resolves once the order is durable.
 * @throws FillstreamError invalid_request, unknown_token, idempotency_key_reused, too_many_orders, and those of the limits
 * @throws StoreUnavailable
 */
export type SubmitOrder = (request: SubmitRequest) => Promise<Submitted>;

/** The version of an order that `create` stored. */
const FIRST_VERSION = 1;

export function submitOrder(deps: SubmitDeps): SubmitOrder {
  const { store, openOrders, tokens, limits, passCrashPoint } = deps;

  async function countAndStore(order: NewOrder, request: SubmitRequest): Promise<Created> {
    const { orderId, owner, createdAt: at } = order;
    const { idempotencyKey, submission } = request;
    if (limits.hasDayLimit(submission)) {
      // A repeated submission must not count again, on another day.
      const existing = idempotencyKey === null ? null : await store.load(orderId);
      if (existing !== null) return { created: false, existing };
      await limits.addToDay({ orderId, owner, submission, at });
    }
    passCrashPoint('submission.counted');
    return store.create(order);
  }

  return async (request) => {
    const { owner, idempotencyKey, submission } = request;
    const orderId = orderIdOf(owner, idempotencyKey ?? deps.newIdempotencyKey());
    const requestHash = requestHashOf(request.body);
    const at = deps.clock.now();

    let validTo: number;
    let permit: OpenOrderPermit;
    try {
      validTo = validToOf(submission.validTo, at);
      checkSubmission(submission, tokens, deps.contracts);
      limits.check(submission);
      const acquired = await openOrders.tryAcquire();
      if (acquired === null) throw tooManyOrders(openOrders.limit);
      permit = acquired;
    } catch (refusal) {
      // The submission may be a repetition of one that was accepted earlier: then the answer is the same again.
      const existing = idempotencyKey === null ? null : await store.load(orderId);
      if (existing === null) throw refusal;
      return repeated(existing, requestHash);
    }

    passCrashPoint('submission.received');
    const order = newOrder(deps.registry, {
      orderId,
      owner,
      requestHash,
      submission,
      validTo,
      policy: deps.policy,
      at,
    });
    const answer = await countAndStore(order, request).catch((error: unknown) => {
      permit.release();
      throw error;
    });
    passCrashPoint('submission.stored');
    if (!answer.created) {
      permit.release();
      return repeated(answer.existing, requestHash);
    }
    permit.stored();
    deps.notifyCreated(order.entry.message, owner);
    wakeOrder(deps, { orderId, version: FIRST_VERSION });
    return { created: true, order: { orderId, status: order.status } };
  };
}

/** @throws FillstreamError idempotency_key_reused */
export function repeated(existing: StoredOrder, requestHash: string): Submitted {
  if (existing.requestHash !== requestHash) {
    throw new FillstreamError(
      'idempotency_key_reused',
      `The Idempotency-Key belongs to order ${existing.orderId}, which was submitted with another body`,
    );
  }
  return { created: false, order: existing };
}

export function tooManyOrders(limit: number): FillstreamError {
  return new FillstreamError('too_many_orders', `${limit} orders are open, which is the limit`, {
    retryAfterSeconds: 1,
  });
}
