/** Accepts an order: it is written first, then answered, and only then is a worker woken. */
import type { OrderStatus } from '../../machines/order/state.ts';
import type { RetryPolicy } from '../../machines/order/types.ts';
import type { MachineRegistry } from '../../machines/registry.ts';
import type { PassCrashPoint } from '../crash-points.ts';
import { FillstreamError } from '../errors.ts';
import type { Submission } from '../protocol/requests.ts';
import type { WakeQueue } from '../queue/port.ts';
import type { Created, NewOrder, OrderStore, StoredOrder } from '../store/ports.ts';
import type { Clock } from '../runtime/time.ts';
import type { TokenNames } from '../settings/token-names.ts';
import type { Log } from '../telemetry/log.ts';
import { checkSubmission } from './check-submission.ts';
import { newOrder } from './new-order.ts';
import type { OpenOrders } from './open-orders.ts';
import { orderIdOf, requestHashOf } from './order-id.ts';
import type { OrderLimits } from './order-limits.ts';
import { validToOf } from './valid-to.ts';
import { wakeFor } from './wake-for.ts';

export interface SubmitDeps {
  readonly store: Pick<OrderStore, 'create' | 'load'>;
  readonly queue: Pick<WakeQueue, 'wake'>;
  readonly openOrders: OpenOrders;
  /** Which tokens orders may name. */
  readonly tokens: TokenNames;
  readonly limits: OrderLimits;
  readonly registry: MachineRegistry;
  /** The bounds of new orders. They are stored with each. */
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** A unique key, for a client that names none. */
  readonly drawKey: () => string;
  readonly passCrashPoint: PassCrashPoint;
  readonly log: Log;
}

export interface SubmitRequest {
  readonly owner: string;
  readonly idempotencyKey: string | null;
  /** The client's own JSON, before defaults: what a repetition is compared by. */
  readonly body: unknown;
  readonly submission: Submission;
}

export interface Submitted {
  /** False: the key has its order already, and this is it. */
  readonly created: boolean;
  readonly order: { readonly orderId: string; readonly status: OrderStatus };
}

/**
 * Resolves once the order is durable.
 * @throws FillstreamError invalid_request, unknown_token, idempotency_key_reused, too_many_orders, and what limits refuse
 * @throws StoreUnavailable
 */
export type SubmitOrder = (request: SubmitRequest) => Promise<Submitted>;

/** The version that `create` gives an order. */
const FIRST_VERSION = 1;

export function submitOrder(deps: SubmitDeps): SubmitOrder {
  const { store, openOrders, tokens, limits, passCrashPoint } = deps;

  async function countAndStore(order: NewOrder, request: SubmitRequest): Promise<Created> {
    const { orderId, owner, createdAt: at } = order;
    const { idempotencyKey, submission } = request;
    if (limits.isCounted(submission)) {
      // What was accepted on another day counts for that one.
      const existing = idempotencyKey === null ? null : await store.load(orderId);
      if (existing !== null) return { created: false, existing };
      await limits.count({ orderId, owner, submission, at });
    }
    passCrashPoint('submission.counted');
    return store.create(order);
  }

  return async (request) => {
    const { owner, idempotencyKey, submission } = request;
    const orderId = orderIdOf(owner, idempotencyKey ?? deps.drawKey());
    const requestHash = requestHashOf(request.body);
    const at = deps.clock.now();

    let validTo: number;
    try {
      validTo = validToOf(submission.validTo, at);
      checkSubmission(submission, tokens);
      limits.judge(submission);
      if (!(await openOrders.takePlace())) throw tooMany(openOrders.limit);
    } catch (refusal) {
      // An order that was accepted before is answered again, also when it would be refused now.
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
      openOrders.giveBack();
      throw error;
    });
    passCrashPoint('submission.stored');
    if (!answer.created) {
      openOrders.giveBack();
      return repeated(answer.existing, requestHash);
    }
    wakeFor(deps, { orderId, version: FIRST_VERSION });
    return { created: true, order: { orderId, status: order.status } };
  };
}

/** @throws FillstreamError idempotency_key_reused */
function repeated(existing: StoredOrder, requestHash: string): Submitted {
  if (existing.requestHash !== requestHash) {
    throw new FillstreamError(
      'idempotency_key_reused',
      `The key was used for order ${existing.orderId}, whose submission had another body`,
    );
  }
  return { created: false, order: existing };
}

function tooMany(limit: number): FillstreamError {
  return new FillstreamError('too_many_orders', `${limit} orders are in flight, which is the limit`, {
    retryAfterSeconds: 1,
  });
}
