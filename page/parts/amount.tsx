import { useState } from 'preact/hooks';
import { tokenOf } from '../api/chain.ts';
import { amountText, tokenName } from './format.ts';

interface AmountProps {
  readonly amount: string;
  readonly token: string;
}

/** In whole tokens; a click shows the exact base units. */
export function Amount({ amount, token }: AmountProps) {
  const [isExact, setExact] = useState(false);
  const symbol = tokenName(token);
  if (tokenOf(token) === undefined) {
    return (
      <span class="amount" title={`base units of ${token}`}>
        {amount} <b>{symbol}</b>
      </span>
    );
  }
  return (
    <button
      type="button"
      class="amount"
      aria-pressed={isExact}
      title={isExact ? 'Show whole tokens' : `${amount} base units: click to show`}
      onClick={() => setExact(!isExact)}
    >
      {isExact ? `${amount} base units of` : amountText(amount, token)} <b>{symbol}</b>
    </button>
  );
}
