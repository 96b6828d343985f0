/** Makes the order of an accepted submission: in `pending`, with the first entry of its journal. */
import { initialContext } from '../../../machines/order/decisions.ts';
import type { OrderInput, OrderTerms, RetryPolicy } from '../../../machines/order/types.ts';
import type { MachineRegistry } from '../../../machines/registry.ts';
import { toStoredState } from '../../../machines/replay.ts';
import { projectMessage } from '../../journal/project-message.ts';
import type { Submission } from '../../protocol/requests.ts';
import type { NewOrder } from '../../store/ports.ts';

interface Accepted {
  readonly orderId: string;
  readonly owner: string;
  readonly requestHash: string;
  readonly submission: Submission;
  /** Unix seconds. */
  readonly validTo: number;
  readonly policy: RetryPolicy;
  /** Unix milliseconds. */
  readonly at: number;
}

/**
 * Builds the initial state by hand, because XState's initial snapshot costs as much as the rest of a submission. A test
 * compares it with a replay of the entry.
 */
export function newOrder(registry: MachineRegistry, accepted: Accepted): NewOrder {
  const { orderId, owner, requestHash, submission, validTo, policy, at } = accepted;
  const terms: OrderTerms = { orderId, owner, ...termsOf(submission, validTo) };
  const input: OrderInput = { terms, policy, at };
  const context = initialContext(input);
  const machineVersion = registry.current;
  return {
    orderId,
    owner,
    clientOrderId: terms.clientOrderId,
    requestHash,
    status: 'pending',
    state: toStoredState(machineVersion, { value: 'pending', context, status: 'active' }),
    createdAt: at,
    entry: {
      seq: 1,
      at,
      machineVersion,
      event: { type: 'xstate.init', at, draw: 0, input },
      edges: [],
      state: 'pending',
      message: projectMessage({ seq: 1, at, state: 'pending', context }),
    },
  };
}

/** @param validTo Unix seconds */
export function termsOf(submission: Submission, validTo: number): Omit<OrderTerms, 'orderId' | 'owner'> {
  return {
    sellToken: submission.sellToken,
    buyToken: submission.buyToken,
    sellAmount: submission.sellAmount,
    minBuyAmount: submission.minBuyAmount ?? null,
    slippageBps: submission.slippageBps,
    validTo,
    recipient: submission.recipient ?? null,
    clientOrderId: submission.clientOrderId ?? null,
  };
}
