/** How long orders were in each stage, from the times in their journals. */
import { listTransitions } from '../../src/client/orders.ts';
import type { TransitionView } from '../../src/protocol/views.ts';
import { percentile } from '../percentile.ts';

type Step = Pick<TransitionView, 'at' | 'state'>;

/** A stage ends when the named state is reached for the last time, and begins where the stage before it ends. */
const STAGES = [
  ['pending: waits for a worker', 'routing.quoting'],
  ['routing: quotes, choice', 'building.assembling'],
  ['building: call, simulation', 'building.signing'],
  ['building: nonce, signature', 'submitted.broadcasting'],
  ['submitted: arming, sending', 'submitted.mining'],
  ['submitted: until seen in a block', 'submitted.confirming'],
  ['confirming: until seen K deep', 'confirmed'],
] as const;
const WHOLE = 'quote to confirmed';

export interface StageFigures {
  readonly stage: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @param orders the journals of confirmed orders */
export function stagesOf(orders: readonly (readonly Step[])[]): readonly StageFigures[] {
  const stages = STAGES.map(([stage, end], index) =>
    figuresOf(
      stage,
      orders.map((steps) => lastTime(steps, end) - beginOf(steps, index)),
    ),
  );
  const whole = orders.map((steps) => lastTime(steps, 'confirmed') - firstTime(steps, 'routing.quoting'));
  return [...stages, figuresOf(WHOLE, whole)];
}

export async function readSteps(url: string, orderId: string): Promise<readonly Step[]> {
  return (await listTransitions(url, orderId)).transitions;
}

function figuresOf(stage: string, durations: readonly number[]): StageFigures {
  return { stage, p50Ms: percentile(durations, 50), p99Ms: percentile(durations, 99) };
}

function beginOf(steps: readonly Step[], stage: number): number {
  const before = STAGES[stage - 1];
  return before === undefined ? firstTime(steps, 'pending') : lastTime(steps, before[1]);
}

function firstTime(steps: readonly Step[], state: string): number {
  return Date.parse(steps.find((step) => step.state === state)?.at ?? '');
}

function lastTime(steps: readonly Step[], state: string): number {
  return Date.parse(steps.findLast((step) => step.state === state)?.at ?? '');
}
