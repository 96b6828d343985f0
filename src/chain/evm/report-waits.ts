import type { Failure } from '../../../machines/order/types.ts';
import type { Execution } from '../port.ts';

/** @returns reports what the order waits for: once until it is something else, not at each look */
export function reportWaits(report: Execution['report']): (failure: Failure) => Promise<void> {
  let last = '';
  return async (failure) => {
    if (last === failure.code) return;
    last = failure.code;
    await report({ type: 'WAITING', failure });
  };
}
