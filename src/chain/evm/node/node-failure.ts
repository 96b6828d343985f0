/** What a failed request to the chain's node means. */
import {
  BaseError,
  BlockNotFoundError,
  HttpRequestError,
  TimeoutError,
  TransactionNotFoundError,
  TransactionReceiptNotFoundError,
} from 'viem';
import { oneLine } from '../../../rpc/one-line.ts';
import { isRateLimit } from '../../../rpc/refusal.ts';
import { EffectError } from '../../../../machines/order/effect-error.ts';

/** @throws EffectError `wait`, `rpc_unavailable` or `rpc_rate_limited` */
export async function request<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof BaseError) throw unavailable(thrown);
    throw thrown;
  }
}

/**
 * Null where the node has none.
 * @param isNone whether what is thrown says so, beside viem's own errors for it
 * @throws EffectError as `request` does
 */
export async function requestOrNull<T>(
  read: () => Promise<T>,
  isNone: (thrown: unknown) => boolean = () => false,
): Promise<T | null> {
  return request(async () => {
    try {
      return await read();
    } catch (thrown) {
      if (thrown instanceof TransactionReceiptNotFoundError) return null;
      if (thrown instanceof TransactionNotFoundError) return null;
      if (thrown instanceof BlockNotFoundError || isNone(thrown)) return null;
      throw thrown;
    }
  });
}

export function unavailable(cause: BaseError): EffectError {
  if (isRateLimit(cause)) {
    return new EffectError('wait', 'rpc_rate_limited', `The chain's node has its limit: ${cause.details}`, {
      cause,
    });
  }
  return new EffectError(
    'wait',
    'rpc_unavailable',
    `The chain's node gives no answer: ${oneLine(cause.details || cause.shortMessage)}`,
    { cause },
  );
}

export function isUnanswered(error: BaseError): boolean {
  return error.walk((each) => each instanceof HttpRequestError || each instanceof TimeoutError) !== null;
}

/** All that an error says, nested errors included. */
export function errorTexts(error: BaseError): string {
  const texts: string[] = [];
  error.walk((each) => {
    if (each instanceof BaseError) texts.push(each.details, each.shortMessage);
    else if (each instanceof Error) texts.push(each.message);
    return false;
  });
  return texts.join(' ');
}

export function differentChains(ids: ReadonlySet<number>): EffectError {
  const found = [...ids].join(', ');
  return new EffectError(
    'fail',
    'wrong_chain',
    `The endpoints of RPC_URL are on different chains (${found}): expected one chain`,
  );
}
