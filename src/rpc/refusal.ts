import { BaseError, LimitExceededRpcError, RpcRequestError } from 'viem';

/**
 * Whether the node answered the request with an error of its own: it lacks the method, the state or the block, for which nodes have
 * words of their own. False where it gave no answer, or asks for fewer requests: another attempt may be answered.
 */
export function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof BaseError)) return false;
  if (thrown.walk((error) => error instanceof LimitExceededRpcError) !== null) return false;
  return thrown.walk((error) => error instanceof RpcRequestError) !== null;
}
