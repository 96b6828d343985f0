/** How a simulated venue fails: drawn by probability, or as a script says. */
import { EffectError } from '../../../machines/order/effect-error.ts';
import type { FailureKind } from '../../../machines/order/types.ts';
import { seededDraw } from '../../runtime/seeded-draw.ts';

interface FailureClass {
  readonly kind: FailureKind;
  readonly code: string;
  readonly text: string;
}

export const FAILURE_CLASSES = {
  timeout: { kind: 'retry', code: 'venue_timeout', text: 'did not answer in time' },
  unavailable: { kind: 'retry', code: 'venue_unavailable', text: 'is not available' },
  rateLimited: { kind: 'wait', code: 'venue_rate_limited', text: 'asks for fewer requests' },
  /** Worth another attempt: liquidity comes back. */
  noLiquidity: { kind: 'retry', code: 'no_liquidity', text: 'has too little liquidity for this amount' },
  slippage: { kind: 'reroute', code: 'slippage', text: 'no longer pays the least amount that was agreed' },
} as const satisfies Record<string, FailureClass>;

type FailureName = keyof typeof FAILURE_CLASSES;

/** Probabilities from 0 to 1; one that is left out is 0. `slippage` applies to building, `noLiquidity` to quoting. */
export type VenueFailures = Readonly<Partial<Record<FailureName, number>>>;

/** `hang`: no answer until the signal aborts. */
type Outcome<Name extends FailureName> = 'fill' | 'hang' | Name;

export type QuoteOutcome = Outcome<Exclude<FailureName, 'slippage'>>;
export type BuildOutcome = Outcome<Exclude<FailureName, 'noLiquidity'>>;

/** What happens to attempts 1, 2, ... of every order. Attempts beyond the script succeed. */
export interface VenueScript {
  readonly quote?: readonly QuoteOutcome[];
  readonly build?: readonly BuildOutcome[];
}

const DRAWN = {
  quote: ['timeout', 'unavailable', 'rateLimited', 'noLiquidity'],
  build: ['timeout', 'unavailable', 'rateLimited', 'slippage'],
} as const;

export interface VenueCall {
  readonly venue: string;
  readonly orderId: string;
  readonly operation: 'quote' | 'build';
  readonly attempt: number;
}

export function scriptedOutcome(script: VenueScript, call: VenueCall): QuoteOutcome | BuildOutcome {
  return script[call.operation]?.[call.attempt - 1] ?? 'fill';
}

export function drawnOutcome(
  seed: string,
  failures: VenueFailures,
  call: VenueCall,
): QuoteOutcome | BuildOutcome {
  let draw: number | undefined;
  let below = 0;
  for (const name of DRAWN[call.operation]) {
    const probability = failures[name] ?? 0;
    if (probability === 0) continue;
    draw ??= seededDraw(seed, call.venue, call.orderId, call.operation, call.attempt, 'outcome');
    below += probability;
    if (draw < below) return name;
  }
  return 'fill';
}

export function venueFailure(venue: string, name: FailureName): EffectError {
  const { kind, code, text } = FAILURE_CLASSES[name];
  return new EffectError(kind, code, `${venue} ${text}`);
}
