import { OperatorError } from '../operator-error.ts';
import { readOptions } from '../terminal/read-options.ts';

export interface DemoArguments {
  /** Null: runs until it is interrupted. */
  readonly orders: number | null;
  readonly perSecond: number;
  /** Uses simulated venues and a simulated chain, regardless of the settings. */
  readonly simulated: boolean;
}

const OPTIONS = {
  orders: { type: 'string' },
  rate: { type: 'string', default: '4' },
  simulated: { type: 'boolean', default: false },
} as const;

const USAGE = 'demo [--orders N] [--rate N] [--simulated]';

/** @throws OperatorError for an invalid argument */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const { orders: wanted, rate, simulated } = readOptions(args, USAGE, { options: OPTIONS }).values;
  const orders = wanted === undefined ? null : Number(wanted);
  const perSecond = Number(rate);
  if (orders !== null && (!Number.isSafeInteger(orders) || orders < 1 || orders > 100_000)) {
    throw new OperatorError(`--orders ${wanted}: expected a whole number, 1 to 100000`);
  }
  if (!(perSecond > 0 && perSecond <= 1_000)) {
    throw new OperatorError(`--rate ${rate}: expected orders a second, more than 0 and at most 1000`);
  }
  return { orders, perSecond, simulated };
}
