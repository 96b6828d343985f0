/** The smallest value that `share` percent of the values do not exceed (nearest rank). NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((sorted.length * share) / 100));
  return sorted[rank - 1] ?? Number.NaN;
}
