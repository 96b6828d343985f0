import { BaseError, HttpRequestError, LimitExceededRpcError, RpcRequestError } from 'viem';

/**
 * Whether the node answered the request with an error of its own: it lacks the method, the state or the block, for which nodes have
 * words of their own. False where it gave no answer, or asks for fewer requests: another attempt may be answered.
 */
export function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof BaseError)) return false;
  if (isRateLimit(thrown)) return false;
  return thrown.walk((error) => error instanceof RpcRequestError) !== null;
}

/** Whether the node asks for fewer requests: by the status of HTTP, or by an error of JSON-RPC. */
export function isRateLimit(thrown: unknown): boolean {
  if (!(thrown instanceof BaseError)) return false;
  return thrown.walk((error) => isTooMany(error) || error instanceof LimitExceededRpcError) !== null;
}

function isTooMany(error: unknown): boolean {
  return error instanceof HttpRequestError && error.status === 429;
}
