/** Opens the LIMITS_FILE: the limits on orders, for the tokens that are traded. */
import { NO_LIMITS, orderLimits, type OrderLimits } from '../../orders/submission/order-limits.ts';
import { OperatorError } from '../../operator-error.ts';
import type { Config } from '../../settings/config.ts';
import { readJsonFile } from '../../settings/json-file.ts';
import { readLimits } from '../../settings/limits-file.ts';
import type { TokenNames } from '../../settings/token-names.ts';
import type { DayTotals } from '../../store/day-totals.ts';

/** @throws OperatorError */
export function openLimits(
  { LIMITS_FILE: file }: Pick<Config, 'LIMITS_FILE'>,
  { assetOf, symbols }: TokenNames,
  dayTotals: DayTotals,
): OrderLimits {
  if (file === undefined) return NO_LIMITS;
  try {
    return orderLimits(readLimits(readJsonFile(file), assetOf, symbols), assetOf, dayTotals);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`LIMITS_FILE is "${file}": ${reason}`, { cause: error });
  }
}
