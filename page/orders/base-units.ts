/** `0.5` with 18 decimals as `500000000000000000`. Null: the text is no such number, or has too many decimal places. */
export function baseUnits(text: string, decimals: number): string | null {
  const match = /^(\d{1,60})(?:\.(\d+))?$/.exec(text.replaceAll(',', ''));
  if (match === null) return null;
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > decimals) return null;
  return `${match[1] ?? ''}${fraction.padEnd(decimals, '0')}`.replace(/^0+(?=\d)/, '');
}
