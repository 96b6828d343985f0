import type { Failure } from '../../../machines/order/types.ts';
import type { Exchange } from './exchanges/exchange.ts';

/** By the exchange's own table. An unknown revert swapped nothing either, and another venue may succeed. */
export function classifyRevert({ name, reverts }: Exchange, reason: string): Failure {
  const known = Object.hasOwn(reverts, reason) ? reverts[reason] : undefined;
  if (known !== undefined) {
    return { kind: known.kind, code: known.code, message: `${name} ${known.says} (${reason})` };
  }
  return {
    kind: 'reroute',
    code: 'reverted',
    message: `${name} reverted ${reason === '' ? 'without a reason' : `with ${reason}`}`,
  };
}
