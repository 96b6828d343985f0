import { label } from './label.ts';
import type { Evidence } from './evidence.ts';
import { SIMULATED_MARKET } from './market.ts';

/** @param executions of every order, by the simulated chain's own ledger */
export function simulatedEvidence(
  executions: () => readonly { readonly orderId: string; readonly count: number }[],
): Evidence {
  return {
    market: SIMULATED_MARKET,
    names: new Map(),
    close: () => Promise.resolve(),
    judge() {
      const twice = executions().filter(({ count }) => count > 1);
      return Promise.resolve({
        lines: [label('executed twice', `${twice.length}, by the simulated chain's own ledger`)],
        faults: twice.map(({ orderId, count }) => `order ${orderId} was executed ${count} times`),
      });
    },
  };
}
